/** The station's HTTP interface, as far as a screen uses it. Errors come back in words, never as exceptions. */

import type { StationLink } from "../host";

/** What came of a request. `status` 0: the station was not reached. */
export type Answer =
  | { readonly ok: true; readonly body: unknown }
  | { readonly ok: false; readonly status: number; readonly code: string; readonly message: string };

const UNREACHED: Extract<Answer, { ok: false }> = {
  ok: false,
  status: 0,
  code: "unreached",
  message: "The station was not reached. Check the network of this screen and that the station runs.",
};

/** The answer as it comes; `null`: the station was not reached. */
async function reach(link: StationLink, path: string, init: RequestInit): Promise<Response | null> {
  const headers = new Headers(init.headers);
  if (link.token !== null) headers.set("Authorization", `Bearer ${link.token}`);
  try {
    return await fetch(`${link.base}${path}`, { ...init, headers, cache: "no-store" });
  } catch {
    return null;
  }
}

/** The address of a bed. */
export const bedPath = (bed: string): string => `/api/v1/beds/${encodeURIComponent(bed)}`;

/** Asks the station. */
export async function ask(link: StationLink, path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await reach(link, path, init);
  if (response === null) return UNREACHED;
  let body: unknown = null;
  try {
    body = await response.json();
  } catch {
    // An error page of something between us and the station, or an empty answer.
  }
  return response.ok ? { ok: true, body } : refusal(response, body);
}

/**
 * Fetches a file.
 *
 * Not by a plain link: the window's token may not stand in an address, and a refusal would be saved as the file.
 */
export async function askFile(
  link: StationLink,
  path: string,
): Promise<{ readonly ok: true; readonly file: Blob } | Extract<Answer, { ok: false }>> {
  const response = await reach(link, path, {});
  if (response === null) return UNREACHED;
  try {
    return response.ok ? { ok: true, file: await response.blob() } : refusal(response, await response.json());
  } catch {
    return response.ok ? UNREACHED : refusal(response, null);
  }
}

function refusal(response: Response, body: unknown): Extract<Answer, { ok: false }> {
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
export function send(
  link: StationLink,
  path: string,
  body: unknown,
  method: "POST" | "PUT" = "POST",
): Promise<Answer> {
  return ask(link, path, {
    method,
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
