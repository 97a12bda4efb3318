import { describe, expect, it } from "vitest";
import type { EventMessage } from "../protocol/messages";
import { newsOf } from "./news";

const event = (kind: string, by: string | null, detail: unknown): EventMessage => ({
  type: "event",
  seq: 1,
  bed: "1",
  time: 0,
  kind,
  by,
  detail,
});

describe("a recording of bytes that ends by itself", () => {
  it("is told, as a failure where it is one", () => {
    const detail = { file: "bed-1.capture", bytes: 200_000_000, missing: 0, reason: "It reached 200 MB." };
    expect(newsOf(event("capture_stopped", null, detail))).toEqual({
      name: "Recording of bytes",
      failed: false,
      text: "It reached 200 MB. 200.0 MB kept",
    });
    expect(newsOf(event("capture_failed", null, { reason: "The disk is full." }))).toMatchObject({
      failed: true,
      text: "The disk is full.",
    });
  });

  it("is not told twice to whoever stopped it", () => {
    expect(newsOf(event("capture_stopped", "anna", {}))).toBeNull();
    expect(newsOf(event("limits_set", "anna", {}))).toBeNull();
  });
});
