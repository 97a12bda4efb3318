/** What ended at a bed without anybody there having asked for it, in words for the bed's result line. */

import { fields, number, text, type Fields } from "../protocol/fields";
import type { EventMessage } from "../protocol/messages";
import { momentOf, size } from "./numbers";

/** One thing to be told. */
export interface News {
  readonly name: string;
  readonly failed: boolean;
  readonly text: string;
}

/** What there is to tell of an event; `null` where a person did it, who is answered, or where other parts tell it. */
export function newsOf(event: EventMessage): News | null {
  const detail = fields(event.detail);
  const reason = text(detail["reason"]);
  if (event.kind === "capture_failed") {
    return { name: "Recording of bytes", failed: true, text: reason ?? "It could not be written." };
  }
  if (event.kind === "capture_stopped" && event.by === null) {
    const kept = `${size(number(detail["bytes"]))} kept`;
    return { name: "Recording of bytes", failed: false, text: [reason, kept].filter(Boolean).join(" ") };
  }
  if (event.kind === "acknowledgement_withdrawn") {
    const was = text(fields(detail["was"])["by"]);
    const whose = was === null ? "The acknowledgement" : `The acknowledgement by ${was}`;
    return {
      name: "Withdrawn",
      failed: false,
      text: `${whose}${event.by === null ? "" : `, by ${event.by}`}`,
    };
  }
  if (event.kind === "off_reminder") return { name: "Reminder", failed: false, text: reminder(detail) };
  return null;
}

function reminder(detail: Fields): string {
  const what = detail["what"] === "alarms" ? "ALARM OFF" : "AUDIO OFF";
  const by = text(detail["by"]);
  const since = number(detail["since"]);
  return `${what}${since === null ? "" : ` since ${momentOf(since)}`}${by === null ? "" : `, by ${by}`}`;
}
