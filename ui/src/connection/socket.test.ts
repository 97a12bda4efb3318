import { describe, expect, it } from "vitest";
import { hello } from "../protocol/samples";
import type { StationMessage } from "../protocol/messages";
import type { Place } from "./bookmark";
import { StationSocket, type Phase } from "./socket";

class FakeSocket {
  readyState = 0;
  closed = false;
  readonly sent: string[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;

  constructor(readonly url: string) {}

  opens(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  says(message: unknown): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  breaks(): void {
    this.readyState = 3;
    this.onclose?.();
  }

  send(frame: string): void {
    this.sent.push(frame);
  }

  close(): void {
    this.closed = true;
  }
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

function station(given: { admitted?: () => Promise<boolean> } = {}) {
  const sockets: FakeSocket[] = [];
  const phases: Phase[] = [];
  const messages: StationMessage[] = [];
  const timers: { ms: number; call: () => void; cancelled: boolean }[] = [];
  const at: { place: Place | null } = { place: null };
  const socket = new StationSocket({
    link: async () => ({ base: "http://s", wsBase: "ws://s", token: null, window: false }),
    open: (url) => {
      const made = new FakeSocket(url);
      sockets.push(made);
      return made as unknown as WebSocket;
    },
    admitted: given.admitted ?? (async () => true),
    place: () => at.place,
    after: (ms, call) => {
      const timer = { ms, call, cancelled: false };
      timers.push(timer);
      return () => {
        timer.cancelled = true;
      };
    },
    chance: () => 0.999,
    onPhase: (phase) => phases.push(phase),
    onMessage: (message) => messages.push(message),
  });
  const fire = () => {
    const due = timers.filter((timer) => !timer.cancelled);
    timers.length = 0;
    for (const timer of due) timer.call();
  };
  const newest = () => {
    const found = sockets[sockets.length - 1];
    if (found === undefined) throw new Error("no socket was opened");
    return found;
  };
  return { socket, sockets, phases, messages, timers, at, fire, newest };
}

describe("the connection", () => {
  it("passes on what the station says and counts as open", async () => {
    const s = station();
    s.socket.connect();
    await settled();
    s.newest().opens();
    s.newest().says(hello());
    s.newest().says({ type: "something_of_a_newer_station" });
    expect(s.phases).toEqual(["connecting", "open"]);
    expect(s.messages.map((message) => message.type)).toEqual(["hello"]);
  });

  it("comes back after a break and resumes where it was", async () => {
    const s = station();
    s.socket.connect();
    await settled();
    s.newest().opens();
    s.at.place = { epoch: "e", seq: 7 };
    s.newest().breaks();
    expect(s.phases).toContain("waiting");
    s.fire();
    await settled();
    expect(s.sockets).toHaveLength(2);
    expect(s.newest().url).toContain("since=e:7");
  });

  it("waits longer with each failure, and starts again from the shortest once the station spoke", async () => {
    const s = station();
    s.socket.connect();
    const waits: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      await settled();
      s.newest().breaks();
      waits.push(s.timers.find((timer) => !timer.cancelled)?.ms ?? 0);
      s.fire();
    }
    expect(waits[2]).toBeGreaterThan(waits[0] ?? 0);
    await settled();
    s.newest().opens();
    s.newest().says(hello());
    s.newest().breaks();
    expect(s.timers.find((timer) => !timer.cancelled)?.ms).toBe(waits[0]);
  });

  it("stops trying when the station does not know this screen", async () => {
    const s = station({ admitted: async () => false });
    s.socket.connect();
    await settled();
    s.newest().breaks();
    await settled();
    expect(s.phases[s.phases.length - 1]).toBe("refused");
    s.fire();
    await settled();
    expect(s.sockets).toHaveLength(1);
  });

  it("goes on trying when the station cannot be asked why", async () => {
    const s = station({ admitted: () => Promise.reject(new Error("unreachable")) });
    s.socket.connect();
    await settled();
    s.newest().breaks();
    await settled();
    expect(s.phases[s.phases.length - 1]).toBe("waiting");
  });

  it("that fell silent is left, and nothing of it is heard any more", async () => {
    const s = station();
    s.socket.connect();
    await settled();
    const dead = s.newest();
    dead.opens();
    s.socket.abandon();
    await settled();
    dead.says(hello());
    expect(dead.closed).toBe(true);
    expect(s.messages).toEqual([]);
    expect(s.sockets).toHaveLength(2);
  });

  it("sends nothing while it is not open", async () => {
    const s = station();
    s.socket.connect();
    await settled();
    expect(s.socket.send("x")).toBe(false);
    s.newest().opens();
    expect(s.socket.send("x")).toBe(true);
    expect(s.newest().sent).toEqual(["x"]);
  });
});
