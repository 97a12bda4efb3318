/** Ties the connection, the state of the ward and this screen together, for the views. */

import { createContext } from "svelte";
import type { BedChange } from "./beds/change";
import { advance, alreadyRead, UNREAD, type Bookmark } from "./connection/bookmark";
import { admitted, ask, askFile, bedPath, send, type Answer } from "./connection/http";
import { Ledger } from "./connection/ledger";
import { StationSocket, type Phase } from "./connection/socket";
import { inWindow, link } from "./host";
import type { Command, Outcome } from "./protocol/commands";
import type { EventMessage, ReadingMessage, StationMessage } from "./protocol/messages";
import { Clock } from "./screen/clock.svelte";
import { receiptsDue, type Receipts } from "./connection/receipts";
import { alarmsInSight } from "./screen/in-sight";
import { Preferences } from "./screen/preferences.svelte";
import { keep } from "./screen/keep";
import { Sounding } from "./screen/sounding.svelte";
import { Wake } from "./screen/wake.svelte";
import { placedAlarms, type Placed } from "./ward/announcement";
import { judgeLink, LINK_LOST_MS, type LinkState } from "./ward/freshness";
import { heardOn, type Heard } from "./ward/heard";
import { stationNow } from "./ward/station-time";
import { reduce, UNKNOWN_WARD, type WardState } from "./ward/ward";
import { Pace } from "./wave/pace";
import { Traces } from "./wave/traces";
import { newsOf } from "./wording/news";
import { commandName, told, wasStopped } from "./wording/outcome";

/** How long the sound of a lost link is quiet when somebody wants it so; as long as a pause. */
const LINK_QUIET_MS = 120_000;

/** What came of the last command to a bed, or what ended there by itself since. */
export interface CommandResult {
  readonly name: string;
  /** `null`: it came by itself. */
  readonly command: Command["command"] | null;
  readonly phase: "sent" | "accepted" | "done" | "failed";
  readonly text: string;
  /** In this screen's count of time. */
  readonly at: number;
}

const after = (ms: number, call: () => void): (() => void) => {
  const timer = setTimeout(call, ms);
  return () => clearTimeout(timer);
};

/** One screen at work. */
export class Session {
  readonly clock = new Clock();
  readonly preferences = new Preferences();
  readonly wake = new Wake();
  readonly sounding = new Sounding({
    armed: (sound) => this.#tell({ type: "armed", sound }),
    sounded: (alarms) => {
      for (const alarm of alarms) this.#sounded.add(alarm);
      this.#sendReceipts();
    },
  });
  readonly traces = new Traces();
  readonly pace = new Pace(() => this.clock.read());

  ward = $state.raw<WardState>(UNKNOWN_WARD);
  phase = $state<Phase>("connecting");
  /** When the station was last heard, in this screen's count; `null`: never. */
  heardAt = $state<number | null>(null);
  /** The same, as a time of day. */
  heardAtWall = $state<number | null>(null);
  results = $state.raw<ReadonlyMap<string, CommandResult>>(new Map());
  /** The bed whose tile is to be brought into view. */
  sought = $state<string | null>(null);

  readonly link: LinkState = $derived(
    judgeLink(
      this.phase,
      this.heardAt === null ? null : Math.max(0, this.clock.now - this.heardAt),
      this.clock.now,
    ),
  );
  readonly linked: boolean = $derived(this.link === "live");
  /** Whether this screen may send commands at all. */
  readonly mayCommand: boolean = $derived(this.ward.hello !== null && this.ward.hello.role !== "viewer");
  /** Whether this screen may change beds and sensors. */
  readonly mayAdminister: boolean = $derived(this.ward.hello?.role === "admin");
  /** Whether anything here is simulated. */
  readonly demo: boolean = $derived(
    this.ward.hello?.demo === true || [...this.ward.beds.values()].some((bed) => bed.demo),
  );

  #bookmark: Bookmark = UNREAD;
  // Waves come thirty times a second: too often to wake every view for the time of the last message.
  #heard: number | null = null;
  #heardWall: number | null = null;
  #openedAt = 0;
  #receipts: Receipts = new Map();
  /** Alarms for which a burst went out, until the station was told. */
  readonly #sounded = new Set<string>();
  /** Until when the lost link makes no sound here. */
  linkQuietUntil = $state(0);
  readonly #readings = new Set<(message: ReadingMessage) => void>();

  readonly #ledger = new Ledger({ send: (frame) => this.#socket.send(frame), after });
  readonly #socket = new StationSocket({
    link,
    open: (url, protocols) => new WebSocket(url, [...protocols]),
    admitted,
    place: () => this.#bookmark.place,
    after,
    chance: Math.random,
    onPhase: (phase) => {
      this.phase = phase;
      if (phase === "open") this.#openedAt = this.clock.read();
      else this.#ledger.linkLost();
    },
    onMessage: (message) => this.#take(message),
  });

  /** Starts the clock and the connection; answers how to end both. */
  start(): () => void {
    const stop = this.clock.start();
    this.clock.each((now) => {
      this.heardAt = this.#heard;
      this.heardAtWall = this.#heardWall;
      const silence = now - Math.max(this.#heard ?? 0, this.#openedAt);
      if (this.phase === "open" && silence > LINK_LOST_MS) this.#socket.abandon();
      if (this.link === "live") this.linkQuietUntil = 0;
      if (this.link === "refused" && this.sounding.state === "armed") this.sounding.lose("refused");
      this.#sound();
      this.#sendReceipts();
    });
    const leave = () => this.#tell({ type: "goodbye" });
    // A page that the browser kept comes back with its old connection, of which it took leave.
    const back = (event: PageTransitionEvent) => {
      if (event.persisted) this.retry();
    };
    window.addEventListener("pagehide", leave);
    window.addEventListener("pageshow", back);
    this.#socket.connect();
    return () => {
      stop();
      window.removeEventListener("pagehide", leave);
      window.removeEventListener("pageshow", back);
      this.sounding.disarm();
      this.#socket.close();
    };
  }

  /** Whether this screen shows a bed. The station's own window shows all, and so does a screen whose beds are gone. */
  shows(bed: string): boolean {
    const chosen = this.preferences.beds;
    if (inWindow || chosen === null) return true;
    return chosen.includes(bed) || !chosen.some((id) => this.ward.beds.has(id));
  }

  /** The alarms that this screen signals: of its beds, of beds elsewhere that nobody answered, and of the station. */
  placedAlarms(): readonly Placed[] {
    return placedAlarms(this.ward, (bed) => this.shows(bed));
  }

  /** Lets a lost link be quiet on this screen for a while. Nothing at the station is answered by it. */
  quietenLink(): void {
    this.linkQuietUntil = this.clock.now + LINK_QUIET_MS;
    this.#sound();
  }

  /** Tries to reach the station now. */
  retry(): void {
    this.#socket.connect();
  }

  /** The station's time of day; `null` before its first message. */
  stationTime(): number | null {
    return stationNow(this.ward.time, this.clock.now);
  }

  /** Calls `listener` with each live reading; answers how to stop. */
  onReading(listener: (message: ReadingMessage) => void): () => void {
    this.#readings.add(listener);
    return () => this.#readings.delete(listener);
  }

  /** Asks the station over HTTP. */
  async get(path: string): Promise<Answer> {
    return ask(await link(), path);
  }

  /** Deletes something of the station. */
  async delete(path: string): Promise<Answer> {
    return ask(await link(), path, { method: "DELETE" });
  }

  /** Sends something of the station over HTTP: `PUT` changes it, `POST` asks with it. */
  async send(path: string, body: unknown, method: "POST" | "PUT"): Promise<Answer> {
    return send(await link(), path, body, method);
  }

  /** Makes or changes a bed; what `change` leaves out stays. */
  async putBed(bed: string, change: BedChange): Promise<Answer> {
    return send(await link(), bedPath(bed), change, "PUT");
  }

  /** Lets this screen keep a file of the station as `name`; answers what went wrong, or `null`. */
  async keepFile(path: string, name: string): Promise<string | null> {
    const answer = await askFile(await link(), path);
    if (!answer.ok) return answer.message;
    keep(answer.file, name);
    return null;
  }

  /** Sends a command whose answer the asking part shows by itself. */
  ask(bed: string, command: Command): Promise<Outcome> {
    return this.#ledger.send(bed, command);
  }

  /** Acknowledges an alarm of the station itself, such as a full disk. */
  acknowledgeStation(alarm: string): Promise<Outcome> {
    return this.#ledger.send(null, { command: "acknowledge", alarm });
  }

  /** Takes back the acknowledgement of an alarm of the station itself. */
  withdrawStation(alarm: string): Promise<Outcome> {
    return this.#ledger.send(null, { command: "withdraw", alarm });
  }

  /** Sends a command to a bed and keeps its result for the views of that bed. */
  async command(bed: string, command: Command): Promise<Outcome> {
    const name = commandName(command);
    const tell = (phase: CommandResult["phase"], text: string) => {
      const result = { name, command: command.command, phase, text, at: this.clock.read() };
      this.results = new Map(this.results).set(bed, result);
    };
    tell("sent", "…");
    const outcome = await this.#ledger.send(bed, command, () => tell("accepted", "under way…"));
    tell(outcome.ok || wasStopped(command, outcome) ? "done" : "failed", told(command, outcome));
    return outcome;
  }

  #take(message: StationMessage): void {
    const now = this.clock.read();
    const first = this.#heard === null;
    this.#heard = now;
    this.#heardWall = Date.now();
    if (first || message.type === "hello") {
      this.heardAt = this.#heard;
      this.heardAtWall = this.#heardWall;
    }
    if (message.type === "wave") {
      this.traces.feed(message, now);
      return;
    }
    if (message.type === "reply") {
      this.#ledger.take(message);
      return;
    }
    if (alreadyRead(this.#bookmark, message)) return;
    this.#bookmark = advance(this.#bookmark, message);
    const before = this.ward;
    this.ward = reduce(before, message, now);
    this.#forgetTraces(before);
    if (message.type === "event" && !before.catchingUp) this.#tellNews(message);
    if (message.type === "reading") for (const listener of this.#readings) listener(message);
    // The station forgets with the connection that this screen is armed.
    if (message.type === "hello" && this.sounding.state === "armed")
      this.#tell({ type: "armed", sound: true });
    if (message.type === "event" && message.kind === "off_reminder" && !before.catchingUp)
      if (message.bed === null || this.shows(message.bed)) this.sounding.remind(now);
    this.#sound();
    // Once it is drawn, and not a tick later.
    if (message.type === "alarm" || message.type === "bed" || message.type === "snapshot")
      requestAnimationFrame(() => this.#sendReceipts());
  }

  #tell(message: Record<string, unknown>): boolean {
    return this.#socket.send(JSON.stringify(message));
  }

  /** What is to be heard here now: without the link its loss, for nothing else is known. */
  #heardHere(): Heard | null {
    if (this.link !== "lost") return heardOn(this.ward, (bed) => this.shows(bed));
    return this.clock.read() < this.linkQuietUntil ? null : { priority: "medium", alarms: [] };
  }

  #sound(): void {
    // What is caught up with is the past; how the beds stand now follows at its end.
    if (this.linked && this.ward.catchingUp) return;
    this.sounding.hear(this.#heardHere(), this.clock.read());
  }

  #sendReceipts(): void {
    if (this.phase !== "open" || this.ward.catchingUp || !this.ward.known) return;
    const alarms = [...this.ward.stationAlarms, ...[...this.ward.beds.values()].flatMap((bed) => bed.alarms)];
    const { due, after } = receiptsDue(this.#receipts, alarms, alarmsInSight(), this.#sounded);
    this.#receipts = after;
    this.#sounded.clear();
    // The station takes a burst for a sign that this screen is armed: of one that went out before, it is not told now.
    const armed = this.sounding.state === "armed";
    for (const receipt of due) this.#tell({ ...receipt, sounded: receipt.sounded && armed });
  }

  /** What ended at a bed by itself stands where the result of a command would. */
  #tellNews(event: EventMessage): void {
    const news = newsOf(event);
    if (news === null || event.bed === null) return;
    const phase = news.failed ? "failed" : "done";
    const result = { name: news.name, command: null, phase, text: news.text, at: this.clock.read() } as const;
    this.results = new Map(this.results).set(event.bed, result);
  }

  /** Nothing of the last patient is shown to the next, and nothing of a bed that is gone. */
  #forgetTraces(before: WardState): void {
    if (before.beds === this.ward.beds) return;
    for (const [id, bed] of before.beds) {
      const next = this.ward.beds.get(id);
      if (next === bed) continue;
      if (next === undefined || next.patient?.id !== bed.patient?.id) this.traces.forget(id);
    }
  }
}

/** The session of the app, for every view below it. */
export const [useSession, provideSession] = createContext<Session>();
