/** The sound of this screen: armed by a tap, lost when the browser takes it away, and never taken for granted. */

import type { Priority } from "../protocol/bed";
import { due, SILENT, want, type Pace } from "../sound/schedule";
import { Speaker } from "../sound/speaker";
import type { Heard } from "../ward/heard";
import type { SoundLost } from "../wording/sound";

/** Told of what becomes of the sound. */
export interface Listener {
  /** This screen will sound alarms from now on, or will not. */
  armed(sound: boolean): void;
  /** A burst went out for these alarms. */
  sounded(alarms: readonly string[]): void;
}

/** Whether and what this screen sounds. */
export class Sounding {
  state = $state<"unarmed" | "arming" | "armed">("unarmed");
  /** Why there is no sound although somebody wanted it. */
  lost = $state<SoundLost | null>(null);

  #speaker: Speaker | null = null;
  #pace: Pace = SILENT;

  constructor(readonly listener: Listener) {}

  /** To be called in a tap. A test tone lets whoever taps hear how loud the tablet is. */
  async arm(): Promise<void> {
    if (this.state !== "unarmed") return;
    this.state = "arming";
    this.lost = null;
    let speaker: Speaker;
    try {
      speaker = new Speaker(() => {
        if (this.#speaker === speaker) this.lose("stopped");
      });
    } catch {
      this.lose("missing");
      return;
    }
    this.#speaker = speaker;
    const allowed = await speaker.begin();
    if (this.#speaker !== speaker) return;
    if (!allowed) {
      this.lose("forbidden");
      return;
    }
    this.#pace = SILENT;
    if (!(await speaker.play("low"))) {
      if (this.#speaker === speaker) this.lose("unheard");
      return;
    }
    if (this.#speaker !== speaker) return;
    this.state = "armed";
    this.listener.armed(true);
  }

  /** Ends the sound of this screen, as somebody here wants it. */
  disarm(): void {
    const was = this.state;
    this.#speaker?.close();
    this.#speaker = null;
    this.state = "unarmed";
    this.lost = null;
    if (was === "armed") this.listener.armed(false);
  }

  /** This screen cannot sound any more. */
  lose(why: SoundLost): void {
    this.disarm();
    this.lost = why;
  }

  /** What is to be heard at `now`; asked again and again, for repetition depends on it. */
  hear(heard: Heard | null, now: number): void {
    if (this.state !== "armed") return;
    this.#pace = want(this.#pace, heard?.priority ?? null);
    for (;;) {
      const { step, pace } = due(this.#pace, now);
      this.#pace = pace;
      if (step === null) return;
      if (step === "stop") this.#speaker?.stop();
      else void this.#burst(step.start, heard?.alarms ?? []);
    }
  }

  /** One low burst, unless an alarm sounds: something is turned off for long. */
  remind(now: number): void {
    const busy = this.#pace.last !== null && now < this.#pace.last.until;
    if (this.state === "armed" && !busy) void this.#burst("low", []);
  }

  async #burst(priority: Priority, alarms: readonly string[]): Promise<void> {
    const speaker = this.#speaker;
    if (speaker === null) return;
    const heard = await speaker.play(priority);
    if (this.#speaker !== speaker) return;
    if (!heard) this.lose("unheard");
    else if (alarms.length > 0) this.listener.sounded(alarms);
  }
}
