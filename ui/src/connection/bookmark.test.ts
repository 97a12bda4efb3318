import { describe, expect, it } from "vitest";
import { hello, reading, snapshot } from "../protocol/samples";
import { advance, alreadyRead, UNREAD, type Bookmark } from "./bookmark";
import type { StationMessage } from "../protocol/messages";

const after = (messages: StationMessage[], start: Bookmark = UNREAD) => messages.reduce(advance, start);

describe("the place in the record", () => {
  it("is unknown until the first snapshot", () => {
    expect(after([hello({ seq: 40 })]).place).toBeNull();
    expect(after([hello({ epoch: "e", seq: 40 }), snapshot({ seq: 41 })]).place).toEqual({
      epoch: "e",
      seq: 41,
    });
  });

  it("moves with each line of the record, and never back", () => {
    const mark = after([
      hello({ epoch: "e" }),
      snapshot({ seq: 41 }),
      reading({ seq: 44 }),
      reading({ seq: 43 }),
    ]);
    expect(mark.place).toEqual({ epoch: "e", seq: 44 });
  });

  it("does not move by a heartbeat, whose number may still be on its way", () => {
    const mark = after([
      hello({ epoch: "e" }),
      snapshot({ seq: 41 }),
      { type: "heartbeat", time: 0, seq: 60 },
    ]);
    expect(mark.place?.seq).toBe(41);
  });

  it("is kept over a broken link, and catching up ends with `resumed`", () => {
    const read = after([hello({ epoch: "e" }), snapshot({ seq: 41 })]);
    const again = after([hello({ epoch: "e", seq: 50 }), reading({ seq: 42 })], read);
    expect(again).toEqual({ epoch: "e", place: { epoch: "e", seq: 42 }, catchingUp: true });
    expect(after([{ type: "resumed", from: 42, to: 42 }], again).catchingUp).toBe(false);
  });

  it("stays where it was when nothing was missed", () => {
    const read = after([hello({ epoch: "e" }), snapshot({ seq: 41 })]);
    const again = after([hello({ epoch: "e" }), { type: "resumed", from: 42, to: 41 }], read);
    expect(again.place).toEqual({ epoch: "e", seq: 41 });
  });

  it("starts anew in another database after a gap", () => {
    const read = after([hello({ epoch: "old" }), snapshot({ seq: 900 })]);
    const gap = after([hello({ epoch: "new" }), { type: "gap", from: 901, to: 5, reason: "epoch" }], read);
    expect(gap.place).toBeNull();
    expect(after([snapshot({ seq: 5 })], gap).place).toEqual({ epoch: "new", seq: 5 });
  });

  it("tells a repeated line from a new one", () => {
    const mark = after([hello({ epoch: "e" }), snapshot({ seq: 41 })]);
    expect(alreadyRead(mark, reading({ seq: 41 }))).toBe(true);
    expect(alreadyRead(mark, reading({ seq: 42 }))).toBe(false);
    expect(alreadyRead(mark, { type: "heartbeat", time: 0, seq: 3 })).toBe(false);
  });
});
