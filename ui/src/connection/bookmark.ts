/**
 * How far this screen has read in the record, so that after a broken link it goes on where it was.
 *
 * The mark moves only by what was received: a heartbeat names the newest number of the record, which may still
 * be on its way to this screen, and resuming after it could lose a line.
 */

import type { StationMessage } from "../protocol/messages";

/** The last number read, and the database it belongs to. */
export interface Place {
  readonly epoch: string;
  readonly seq: number;
}

/** What is known of the record. */
export interface Bookmark {
  /** The database that the present connection named; `null` before the first greeting. */
  readonly epoch: string | null;
  /** Where to resume; `null` before the first snapshot. */
  readonly place: Place | null;
  /** Between the greeting and the snapshot or `resumed`: what comes is the past, told afterwards. */
  readonly catchingUp: boolean;
}

/** Before the first connection. */
export const UNREAD: Bookmark = { epoch: null, place: null, catchingUp: false };

/** The bookmark after `message`. */
export function advance(mark: Bookmark, message: StationMessage): Bookmark {
  switch (message.type) {
    case "hello":
      return { ...mark, epoch: message.epoch, catchingUp: true };
    case "snapshot":
      return mark.epoch === null
        ? mark
        : { ...mark, place: { epoch: mark.epoch, seq: message.seq }, catchingUp: false };
    case "resumed":
      return { ...moved(mark, message.to), catchingUp: false };
    case "gap":
      // The place is void; the snapshot that follows gives a new one.
      return { ...mark, place: null };
    case "reading":
    case "alarm":
    case "event":
      return moved(mark, message.seq);
    default:
      return mark;
  }
}

function moved(mark: Bookmark, seq: number): Bookmark {
  if (mark.place === null || seq <= mark.place.seq) return mark;
  return { ...mark, place: { ...mark.place, seq } };
}

/** Whether `message` is a line of the record that was read already. */
export function alreadyRead(mark: Bookmark, message: StationMessage): boolean {
  const ofRecord = message.type === "reading" || message.type === "alarm" || message.type === "event";
  return ofRecord && mark.place !== null && mark.place.epoch === mark.epoch && message.seq <= mark.place.seq;
}
