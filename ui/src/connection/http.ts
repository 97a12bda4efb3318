/** The station's HTTP interface, as far as a screen uses it. Errors come back in words, never as exceptions. */

import type { StationLink } from "../host";

/** What came of a request. `status` 0: the station was not reached. */
export type Answer =
  | { readonly ok: true; readonly body: unknown }
  | { readonly ok: false; readonly status: number; readonly code: string; readonly message: string };

const UNREACHED: Answer = {
  ok: false,
  status: 0,
  code: "unreached",
  message: "The station was not reached. Check the network of this screen and that the station runs.",
};

/** Asks the station. */
export async function ask(link: StationLink, path: string, init: RequestInit = {}): Promise<Answer> {
  const headers = new Headers(init.headers);
  if (link.token !== null) headers.set("Authorization", `Bearer ${link.token}`);
  let response: Response;
  try {
    response = await fetch(`${link.base}${path}`, { ...init, headers, cache: "no-store" });
  } catch {
    return UNREACHED;
  }
  let body: unknown = null;
  try {
    body = await response.json();
  } catch {
    // An error page of something between us and the station, or an empty answer.
  }
  if (response.ok) return { ok: true, body };
  const error = (body as { error?: { code?: unknown; message?: unknown } } | null)?.error;
  return {
    ok: false,
    status: response.status,
    code: typeof error?.code === "string" ? error.code : "unknown",
    message:
      typeof error?.message === "string"
        ? error.message
        : `The station answered ${response.status} without a reason.`,
  };
}

/** Sends JSON to the station. */
export function send(link: StationLink, path: string, body: unknown): Promise<Answer> {
  return ask(link, path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

/**
 * Whether the station knows this screen.
 *
 * @throws if the station was not reached
 */
export async function admitted(link: StationLink): Promise<boolean> {
  const answer = await ask(link, "/api/v1/station");
  if (answer.ok) return true;
  if (answer.status === 0) throw new Error(answer.message);
  return answer.status !== 401;
}
