/** What the function keys do. Esc is not among them: it stops no sound and ends no alarm. */

import { acknowledge, isCalling, pauseOrResume } from "../parts/bed-commands";
import type { Session } from "../session.svelte";
import type { BedState } from "../ward/ward";

/** The bed whose tile or view holds the focus; a key never acts on a bed that nobody chose. */
function focused(session: Session): BedState | undefined {
  const place =
    document.activeElement?.closest<HTMLElement>("[data-bed]") ??
    document.querySelector<HTMLElement>("[data-testid='bed-view']");
  return session.ward.beds.get(place?.dataset["bed"] ?? "");
}

/** The bed with an alarm that comes after the one in focus, round and round. */
export function nextAlarm(beds: readonly BedState[], from: string | null): string | null {
  const start = beds.findIndex((bed) => bed.id === from) + 1;
  const round = [...beds.slice(start), ...beds.slice(0, start)];
  return round.find((bed) => bed.alarms.length > 0)?.id ?? null;
}

/** Does what `event`'s key is for; `false` if it is for nothing here. */
export function press(session: Session, event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || event.repeat) return false;
  if (event.key === "F2") {
    const next = nextAlarm(
      [...session.ward.beds.values()].filter((bed) => session.shows(bed.id)),
      focused(session)?.id ?? null,
    );
    if (next === null) return true;
    session.sought = next;
    location.hash = "#/";
    return true;
  }
  if (event.key !== "F8" && event.key !== "F9") return false;
  const bed = focused(session);
  if (bed === undefined || !session.mayCommand || !session.linked) return true;
  if (event.key === "F8") void pauseOrResume(session, bed);
  else if (isCalling(bed)) void acknowledge(session, bed);
  return true;
}
