/**
 * Where this app runs: the only file that knows.
 *
 * The window of the station loads the app from inside the program and is told over IPC where the station
 * listens and with which token; a tablet loads it from the station itself and carries a cookie. All else is
 * the same for both.
 */

/** How to reach the station from here. */
export interface StationLink {
  /** Of HTTP, without a slash at the end. */
  readonly base: string;
  /** Of the WebSocket, without a slash at the end. */
  readonly wsBase: string;
  /** `null` where the browser's cookie speaks for this screen. */
  readonly token: string | null;
  /** Whether this is the station's own window. */
  readonly window: boolean;
}

/** What only the station's own window can do. */
export interface Desktop {
  /** Whether the station starts when this user signs in to the computer. */
  startsAtLogin(): Promise<boolean>;
  setStartsAtLogin(on: boolean): Promise<void>;
}

/** Whether this is the station's own window; known before the link is. */
export const inWindow = "__TAURI_INTERNALS__" in globalThis;

// Loaded when needed, so that a tablet does not carry the code of the window.
const ipc = () => import("@tauri-apps/api/core");

const webSocketBase = (base: string): string => base.replace(/^http/, "ws");

/**
 * Asks where the station is.
 *
 * @throws in the window, if the program around it does not answer.
 */
export async function link(): Promise<StationLink> {
  if (!inWindow) {
    const base = location.origin;
    return { base, wsBase: webSocketBase(base), token: null, window: false };
  }
  const { invoke } = await ipc();
  const station = await invoke<{ base: string; token: string }>("station_link");
  const base = station.base.replace(/\/+$/, "");
  return { base, wsBase: webSocketBase(base), token: station.token, window: true };
}

/** What the window can do; `null` in a browser. */
export const desktop: Desktop | null = inWindow
  ? {
      async startsAtLogin() {
        return (await ipc()).invoke<boolean>("start_at_login_get");
      },
      async setStartsAtLogin(on) {
        await (await ipc()).invoke("start_at_login_set", { on });
      },
    }
  : null;
