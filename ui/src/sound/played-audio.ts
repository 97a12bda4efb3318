/** A browser's audio that a test plays. For tests only. */

import { vi } from "vitest";

/** What became of one pulse. */
interface PlayedPulse {
  readonly pitch: number;
  readonly start: number;
  stop: number;
}

/** The newest audio that a page made. */
export class PlayedAudio {
  static now: PlayedAudio | null = null;
  /** Whether the browser lets a page sound. */
  static allowed = true;
  /** Whether what is asked for is really played. */
  static working = true;

  state: "suspended" | "running" | "closed" = "suspended";
  onstatechange: (() => void) | null = null;
  readonly destination = {};
  readonly pulses: PlayedPulse[] = [];
  readonly #made = performance.now();

  constructor() {
    PlayedAudio.now = this;
  }

  get currentTime(): number {
    return (performance.now() - this.#made) / 1000;
  }

  /** The browser takes the sound away or gives it back. */
  becomes(state: PlayedAudio["state"]): void {
    this.state = state;
    this.onstatechange?.();
  }

  resume(): Promise<void> {
    if (!PlayedAudio.allowed) return new Promise(() => {});
    this.becomes("running");
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.becomes("closed");
    return Promise.resolve();
  }

  createPeriodicWave(): object {
    return {};
  }

  createGain(): object {
    const gain = { value: 1, setValueAtTime() {}, linearRampToValueAtTime() {}, setValueCurveAtTime() {} };
    return { gain, connect: (next: unknown) => next, disconnect() {} };
  }

  createOscillator(): object {
    const audio = this;
    let pulse: PlayedPulse | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const oscillator = {
      frequency: { value: 0 },
      onended: null as (() => void) | null,
      setPeriodicWave() {},
      connect: (next: unknown) => next,
      start(at: number) {
        pulse = { pitch: oscillator.frequency.value, start: at, stop: Infinity };
        audio.pulses.push(pulse);
      },
      stop(at: number) {
        if (pulse === null || !PlayedAudio.working) return;
        pulse.stop = Math.min(pulse.stop, at);
        clearTimeout(timer);
        timer = setTimeout(() => oscillator.onended?.(), Math.max(0, at - audio.currentTime) * 1000);
      },
    };
    return oscillator;
  }

  /** How many pulses were to be heard from `from` ms of the test's time on. */
  heardSince(from: number): number {
    const since = (from - this.#made) / 1000;
    return this.pulses.filter(({ start, stop }) => stop > start && start >= since).length;
  }
}

/** Gives the page this audio instead of none. */
export function playAudio(given: { allowed?: boolean; working?: boolean } = {}): void {
  PlayedAudio.now = null;
  PlayedAudio.allowed = given.allowed ?? true;
  PlayedAudio.working = given.working ?? true;
  vi.stubGlobal("AudioContext", PlayedAudio);
}

/** The audio that the page made. */
export function audio(): PlayedAudio {
  if (PlayedAudio.now === null) throw new Error("the page made no audio");
  return PlayedAudio.now;
}
