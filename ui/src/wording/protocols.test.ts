import { describe, expect, it } from "vitest";
import { formatsBeside, mayHaveClock, PROTOCOLS, protocolName } from "./protocols";

describe("what a sensor can be asked to do", () => {
  it("is offered where its protocol can, and nowhere else", () => {
    expect(formatsBeside("nonin-df2")).toEqual(["nonin-df7", "nonin-df8"]);
    expect(formatsBeside("contec-v7")).toEqual([]);
    expect(formatsBeside(null)).toEqual([]);
    expect(PROTOCOLS.map(({ name }) => name).filter(mayHaveClock)).toEqual([
      "contec-v7",
      "nonin-df1",
      "nonin-df2",
      "nonin-df7",
      "nonin-df8",
    ]);
  });

  it("is not guessed for a protocol of a newer station, which keeps its own name", () => {
    expect(protocolName("masimo-binary")).toBe("masimo-binary");
    expect(mayHaveClock("masimo-binary")).toBe(false);
  });
});
