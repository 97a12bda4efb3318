import { describe, expect, it } from "vitest";
import { usableLanguage } from "./language";

describe("the language of a window", () => {
  it("is English where the system names none that can be formatted with", () => {
    expect(usableLanguage("C")).toBe("en");
    expect(usableLanguage("")).toBe("en");
    expect(usableLanguage("de-DE")).toBe("de-DE");
  });
});
