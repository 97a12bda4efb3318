/** Makes the bursts audible with the browser's audio. Thin: what sounds and when is decided elsewhere. */

import type { Priority } from "../protocol/bed";
import { envelope, PARTIALS, pulses } from "./burst";

/** The pulses' peak. How loud that is the tablet's own volume decides, which no page can see. */
const LEVEL = 0.9;
/** A burst is put this far ahead, so that its first edge is not cut off. */
const LEAD_S = 0.02;
/** A burst that is answered falls silent within this. */
const FADE_S = 0.02;
/** A first pulse that has not sounded by then is not going to. */
const HEARD_WITHIN_MS = 1_500;
/** How finely an envelope is drawn. */
const POINTS = 64;

const ENVELOPE = Float32Array.from({ length: POINTS }, (_, index) => envelope(index / (POINTS - 1)));

/** A burst under way. */
interface Sounding {
  readonly out: GainNode;
  readonly pulses: readonly OscillatorNode[];
}

/** The loudspeaker of one tap: when it fails, another tap makes another. */
export class Speaker {
  readonly #audio: AudioContext;
  readonly #wave: PeriodicWave;
  #sounding: Sounding | null = null;

  /**
   * @param failed called once when this screen can no longer be heard: suspended, interrupted or closed
   * @throws where the browser has no audio. To be made in a tap: browsers allow sound to nothing else.
   */
  constructor(failed: () => void) {
    const audio = new AudioContext();
    this.#audio = audio;
    const real = new Float32Array(PARTIALS.length + 1);
    this.#wave = audio.createPeriodicWave(real, Float32Array.from([0, ...PARTIALS]));
    let ready = audio.state === "running";
    audio.onstatechange = () => {
      if (audio.state === "running") ready = true;
      else if (ready) failed();
    };
  }

  /** Whether the browser lets this screen sound; to be asked in the tap. */
  async begin(): Promise<boolean> {
    try {
      // A browser that forbids it may leave the promise open for ever.
      await Promise.race([this.#audio.resume(), new Promise((late) => setTimeout(late, HEARD_WITHIN_MS))]);
    } catch {
      return false;
    }
    return this.#audio.state === "running";
  }

  /** Starts one burst in place of what sounds; answers whether its first pulse went out. */
  play(priority: Priority): Promise<boolean> {
    this.stop();
    if (this.#audio.state !== "running") return Promise.resolve(false);
    const out = this.#audio.createGain();
    out.gain.value = LEVEL;
    out.connect(this.#audio.destination);
    const start = this.#audio.currentTime + LEAD_S;
    const all = pulses(priority).map(({ at, length, pitch }) => {
      const pulse = this.#audio.createOscillator();
      pulse.setPeriodicWave(this.#wave);
      pulse.frequency.value = pitch;
      const shape = this.#audio.createGain();
      shape.gain.value = 0;
      shape.gain.setValueCurveAtTime(ENVELOPE, start + at, length);
      pulse.connect(shape).connect(out);
      pulse.start(start + at);
      pulse.stop(start + at + length);
      return pulse;
    });
    this.#sounding = { out, pulses: all };
    return new Promise((resolve) => {
      const late = setTimeout(() => resolve(false), HEARD_WITHIN_MS);
      const first = all[0];
      if (first === undefined) return;
      // The browser tells the end of a pulse only when it was played: a pulse that was merely asked for proves nothing.
      first.onended = () => {
        clearTimeout(late);
        resolve(true);
      };
    });
  }

  /** Falls silent at once. */
  stop(): void {
    const sounding = this.#sounding;
    this.#sounding = null;
    if (sounding === null) return;
    const now = this.#audio.currentTime;
    sounding.out.gain.setValueAtTime(LEVEL, now);
    sounding.out.gain.linearRampToValueAtTime(0, now + FADE_S);
    for (const pulse of sounding.pulses) pulse.stop(now + FADE_S);
    setTimeout(() => sounding.out.disconnect(), FADE_S * 5_000);
  }

  /** Gives the audio back. */
  close(): void {
    this.stop();
    this.#audio.onstatechange = null;
    this.#audio.close().catch(() => {
      // It is closed already.
    });
  }
}
