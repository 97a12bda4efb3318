/** The whole app on a page, against a station that the test plays. For tests only. */

import { flushSync, mount, unmount } from "svelte";
import { vi } from "vitest";
import App from "./App.svelte";
import type { StationMessage } from "./protocol/messages";
import { SAFETY_NOTES } from "./screen/preferences.svelte";

/** The station at the other end of the WebSocket. */
export class PlayedStation {
  static now: PlayedStation | null = null;
  readyState = 1;
  readonly heard: Record<string, unknown>[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;

  constructor(readonly url: string) {
    PlayedStation.now = this;
  }

  send(frame: string): void {
    this.heard.push(JSON.parse(frame) as Record<string, unknown>);
  }

  close(): void {}

  /** What it was told to do, without the receipts of what was shown. */
  get commands(): readonly Record<string, unknown>[] {
    return this.heard.filter(({ type }) => type === "command");
  }

  says(...messages: (StationMessage | Record<string, unknown>)[]): void {
    for (const message of messages) this.onmessage?.({ data: JSON.stringify(message) });
    flushSync();
  }
}

class NoObserver {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}

/** One request over HTTP, as the played station heard it. */
export interface Heard {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

/** What the played station heard over HTTP since the app was opened. */
export let requests: Heard[] = [];

let app: Record<string, unknown>;

/** Opens the app at `hash`; what `answers` does not hold is not reached. */
export async function openApp(hash = "#/", answers: Readonly<Record<string, unknown>> = {}): Promise<void> {
  requests = [];
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", PlayedStation);
  vi.stubGlobal("ResizeObserver", NoObserver);
  vi.stubGlobal("IntersectionObserver", NoObserver);
  vi.stubGlobal("fetch", (address: string, init: RequestInit = {}) => {
    const { pathname, search } = new URL(address);
    const body = typeof init.body === "string" ? (JSON.parse(init.body) as unknown) : null;
    const asked = { method: init.method ?? "GET", path: `${pathname}${search}`, body };
    requests.push(asked);
    const answer = answers[`${asked.method} ${asked.path}`];
    if (answer === undefined) return Promise.reject(new Error("no network"));
    return Promise.resolve(new Response(JSON.stringify(answer)));
  });
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(1_200);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(800);
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(null);
  localStorage.setItem("oxiward.safety-accepted", `${SAFETY_NOTES} test`);
  location.hash = hash;
  PlayedStation.now = null;
  app = mount(App, { target: document.body });
  await passes(10);
  station().onopen?.();
}

/** Takes the app off the page and gives the page back as it was. */
export async function closeApp(): Promise<void> {
  await unmount(app);
  document.body.innerHTML = "";
  localStorage.clear();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
}

/** The station that the app is connected to. */
export function station(): PlayedStation {
  if (PlayedStation.now === null) throw new Error("the app opened no connection");
  return PlayedStation.now;
}

/** Lets the screen's clock go on while the station says nothing. */
export async function passes(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
  flushSync();
}

/** A part of the page by its test name; `null` if it is not there. */
export const part = (testid: string, within: ParentNode = document): HTMLElement | null =>
  within.querySelector<HTMLElement>(`[data-testid="${testid}"]`);

/** The words of a part. */
export const words = (testid: string, within?: ParentNode): string | undefined =>
  part(testid, within)?.textContent?.replace(/\s+/g, " ").trim();

/** The tile of a bed. */
export function tile(id = "1"): HTMLElement {
  const found = part(`tile-${id}`);
  if (found === null) throw new Error(`no tile ${id}`);
  return found;
}

/** Presses a button. */
export async function press(testid: string): Promise<void> {
  const button = part(testid);
  if (button === null) throw new Error(`no ${testid}`);
  button.click();
  await passes(10);
}

/** Types or chooses `value` in a field. */
export function put(testid: string, value: string): void {
  const field = part(testid) as HTMLInputElement | HTMLSelectElement | null;
  if (field === null) throw new Error(`no ${testid}`);
  field.value = value;
  field.dispatchEvent(new Event(field instanceof HTMLSelectElement ? "change" : "input", { bubbles: true }));
  flushSync();
}
