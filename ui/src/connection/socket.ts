/**
 * Keeps a WebSocket to the station open: connects, resumes, waits and tries again.
 *
 * A connection that says nothing for as long as the station never is silent is given up, without waiting for the
 * network to notice.
 */

import type { StationLink } from "../host";
import { decode } from "../protocol/decode";
import type { StationMessage } from "../protocol/messages";
import { socketAddress } from "./address";
import { backoff } from "./backoff";
import type { Place } from "./bookmark";

/** Longer than any station on a ward network needs to answer. */
const ATTEMPT_MS = 8_000;

/** How the connection stands. `refused`: the station does not know this screen; only a person can change that. */
export type Phase = "connecting" | "open" | "waiting" | "refused";

/** What the socket needs of the world. */
export interface Surroundings {
  /** Where the station is; asked before each attempt. */
  link(): Promise<StationLink>;
  open(url: string, protocols: readonly string[]): WebSocket;
  /** Whether the station knows this screen; asked when a connection could not be opened, because a WebSocket does not tell why. */
  admitted(link: StationLink): Promise<boolean>;
  /** Where to resume. */
  place(): Place | null;
  /** Calls back later; answers how to cancel it. */
  after(ms: number, call: () => void): () => void;
  chance(): number;
  onPhase(phase: Phase): void;
  onMessage(message: StationMessage): void;
}

/** The connection of this screen. */
export class StationSocket {
  #socket: WebSocket | null = null;
  #failures = 0;
  #cancel: () => void = () => {};
  /** Tells the callbacks of a given-up attempt from those of the present one. */
  #attempt = 0;

  constructor(readonly world: Surroundings) {}

  /** Connects now, whatever it was waiting for. */
  connect(): void {
    this.#giveUp();
    const attempt = this.#attempt;
    this.world.onPhase("connecting");
    this.#cancel = this.world.after(ATTEMPT_MS, () => this.#failed(attempt, null));
    this.world.link().then(
      (link) => {
        if (attempt === this.#attempt) this.#open(link, attempt);
      },
      () => this.#failed(attempt, null),
    );
  }

  /** Sends a frame; `false` if the connection is not open. */
  send(frame: string): boolean {
    if (this.#socket === null || this.#socket.readyState !== 1) return false;
    this.#socket.send(frame);
    return true;
  }

  /** Gives up a connection that fell silent, and connects anew. */
  abandon(): void {
    this.connect();
  }

  /** Ends the connection for good. */
  close(): void {
    this.#giveUp();
  }

  #open(link: StationLink, attempt: number): void {
    const { url, protocols } = socketAddress(link, this.world.place());
    const socket = this.world.open(url, protocols);
    this.#socket = socket;
    let opened = false;
    socket.onopen = () => {
      opened = true;
      this.#cancel();
      this.world.onPhase("open");
    };
    socket.onmessage = (event: MessageEvent) => {
      if (attempt !== this.#attempt || typeof event.data !== "string") return;
      const message = decode(event.data);
      if (message === null) return;
      // Only a station that speaks counts as reached; a proxy may accept and close at once.
      this.#failures = 0;
      this.world.onMessage(message);
    };
    socket.onclose = () => this.#failed(attempt, opened ? null : link);
  }

  /** @param link given if it is worth asking why the connection could not be opened */
  #failed(attempt: number, link: StationLink | null): void {
    if (attempt !== this.#attempt) return;
    this.#giveUp();
    const wait = backoff(this.#failures, this.world.chance());
    this.#failures += 1;
    this.world.onPhase("waiting");
    this.#cancel = this.world.after(wait, () => this.connect());
    if (link === null) return;
    const waiting = this.#attempt;
    this.world.admitted(link).then(
      (admitted) => {
        if (admitted || waiting !== this.#attempt) return;
        this.#giveUp();
        this.world.onPhase("refused");
      },
      // Not to be reached at all: the next attempt is already due.
      () => {},
    );
  }

  #giveUp(): void {
    this.#attempt += 1;
    this.#cancel();
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
  }
}
