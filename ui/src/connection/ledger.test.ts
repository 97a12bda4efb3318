import { describe, expect, it, vi } from "vitest";
import { Ledger } from "./ledger";
import type { ReplyMessage } from "../protocol/messages";

const reply = (given: Partial<ReplyMessage>): ReplyMessage => ({
  type: "reply",
  id: "c1",
  ok: true,
  accepted: false,
  result: {},
  error: null,
  ...given,
});

function ledger(open = true) {
  const sent: unknown[] = [];
  const timers: { ms: number; call: () => void; cancelled: boolean }[] = [];
  const post = {
    send(frame: string) {
      if (open) sent.push(JSON.parse(frame));
      return open;
    },
    after(ms: number, call: () => void) {
      const timer = { ms, call, cancelled: false };
      timers.push(timer);
      return () => {
        timer.cancelled = true;
      };
    },
  };
  return { ledger: new Ledger(post), sent, timers };
}

describe("a command", () => {
  it("is sent with an id of its own and settled by the reply with that id", async () => {
    const { ledger: commands, sent } = ledger();
    const first = commands.send("1", { command: "reset" });
    const second = commands.send("2", { command: "request", what: "reading" });
    expect(sent).toEqual([
      { type: "command", id: "c1", bed: "1", command: "reset" },
      { type: "command", id: "c2", bed: "2", command: "request", what: "reading" },
    ]);
    commands.take(reply({ id: "c2", result: { spo2: 97 } }));
    commands.take(reply({ id: "c1", ok: false, error: { code: "forbidden", message: "No." } }));
    expect(await second).toEqual({ ok: true, result: { spo2: 97 } });
    expect(await first).toEqual({ ok: false, code: "forbidden", message: "No." });
  });

  it("to the station itself names no bed", () => {
    const { ledger: commands, sent } = ledger();
    void commands.send(null, { command: "acknowledge", alarm: "a-9" });
    expect(sent).toEqual([{ type: "command", id: "c1", command: "acknowledge", alarm: "a-9" }]);
  });

  it("that takes longer is told so and settled by its second reply", async () => {
    const { ledger: commands, timers } = ledger();
    const accepted = vi.fn();
    const outcome = commands.send("1", { command: "reset" }, accepted);
    commands.take(reply({ accepted: true }));
    expect(accepted).toHaveBeenCalledOnce();
    expect(timers[0]?.cancelled).toBe(true);
    commands.take(reply({ result: { first_sample_s: 1.5 } }));
    expect(await outcome).toEqual({ ok: true, result: { first_sample_s: 1.5 } });
  });

  it("that fetches recordings may take as long as they do", () => {
    const { ledger: commands, timers } = ledger();
    void commands.send("1", { command: "download" });
    commands.take(reply({ accepted: true }));
    expect(timers.filter((timer) => !timer.cancelled)).toEqual([]);
  });

  it("is refused at once without a link, and never queued", async () => {
    const { ledger: commands, sent } = ledger(false);
    expect(await commands.send("1", { command: "discharge" })).toMatchObject({
      ok: false,
      code: "link_lost",
    });
    expect(sent).toEqual([]);
  });

  it("whose reply did not come is reported as unknown, not as done", async () => {
    const { ledger: commands, timers } = ledger();
    const silent = commands.send("1", { command: "reset" });
    timers[0]?.call();
    expect(await silent).toMatchObject({ ok: false, code: "no_answer" });
    const broken = commands.send("1", { command: "reset" });
    commands.linkLost();
    expect(await broken).toMatchObject({ ok: false, code: "link_lost" });
  });
});
