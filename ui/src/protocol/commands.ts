/** What this client asks of the station, and what comes of it. */

import type { Limits, Off, Patient } from "./bed";

/** A command to a bed, without the `type`, `id` and `bed` that its envelope adds. */
export type Command =
  | { readonly command: "request"; readonly what: "reading" | "device" | "recordings" }
  | { readonly command: "reset" }
  | { readonly command: "acknowledge"; readonly alarm?: string }
  /** Takes an acknowledgement back. */
  | { readonly command: "withdraw"; readonly alarm: string }
  | { readonly command: "turn_off"; readonly what: Off["what"] }
  | { readonly command: "turn_on" }
  | { readonly command: "pause_audio"; readonly seconds: number }
  | { readonly command: "resume_audio" }
  | ({ readonly command: "set_limits" } & Partial<Limits>)
  | { readonly command: "admit"; readonly patient: Patient }
  | { readonly command: "discharge" }
  /** Without `recordings`: all that the sensor has. */
  | { readonly command: "download"; readonly recordings?: readonly string[] }
  | { readonly command: "stop_download" }
  | { readonly command: "confirm_sensor" }
  /** To the station's local time. */
  | { readonly command: "set_clock" }
  | { readonly command: "set_format"; readonly format: string }
  | { readonly command: "start_capture" }
  | { readonly command: "stop_capture" };

/** How a command ended, as far as this client knows. */
export type Outcome =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly code: string; readonly message: string };
