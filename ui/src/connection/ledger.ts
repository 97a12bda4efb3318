/**
 * The commands that wait for their reply.
 *
 * Nothing is queued while the link is down: a command that cannot be sent now is refused now, and one whose reply
 * did not come is reported as unknown, because the station may have carried it out.
 */

import type { Command, Outcome } from "../protocol/commands";
import type { ReplyMessage } from "../protocol/messages";

/** The station answers within a second; past this it is not going to. */
const FIRST_REPLY_MS = 5_000;
/** A command that takes longer, such as a sensor reset, says so first. */
const LAST_REPLY_MS = 60_000;

/** What the ledger needs of the world. */
export interface Post {
  /** Sends a frame; `false` if there is no open connection. */
  send(frame: string): boolean;
  /** Calls back later; answers how to cancel it. */
  after(ms: number, call: () => void): () => void;
}

interface Entry {
  settle(outcome: Outcome): void;
  accepted(): void;
}

/** Matches replies with the commands they answer. */
export class Ledger {
  readonly #open = new Map<string, Entry>();
  #count = 0;

  constructor(readonly post: Post) {}

  /** Sends `command` to `bed` (`null`: to the station itself); `accepted` is called if the station says that it takes longer. */
  send(bed: string | null, command: Command, accepted: () => void = () => {}): Promise<Outcome> {
    this.#count += 1;
    const id = `c${this.#count}`;
    return new Promise((resolve) => {
      const expire = (ms: number) =>
        this.post.after(ms, () =>
          entry.settle({
            ok: false,
            code: "no_answer",
            message: "The station did not answer. It is not known whether this was carried out.",
          }),
        );
      let cancel = expire(FIRST_REPLY_MS);
      const entry: Entry = {
        settle: (outcome) => {
          cancel();
          this.#open.delete(id);
          resolve(outcome);
        },
        accepted: () => {
          cancel();
          // A download lasts as long as the recordings do, and the bed shows how far it is.
          cancel = command.command === "download" ? () => {} : expire(LAST_REPLY_MS);
          accepted();
        },
      };
      this.#open.set(id, entry);
      if (
        !this.post.send(JSON.stringify({ type: "command", id, ...(bed === null ? {} : { bed }), ...command }))
      ) {
        entry.settle({
          ok: false,
          code: "link_lost",
          message: "Not sent: there is no link to the station. Do it at the station or the oximeter.",
        });
      }
    });
  }

  /** Takes a reply of the station. */
  take(reply: ReplyMessage): void {
    const entry = this.#open.get(reply.id);
    if (entry === undefined) return;
    if (!reply.ok) {
      entry.settle({ ok: false, ...(reply.error ?? { code: "unknown", message: "Refused." }) });
    } else if (reply.accepted) {
      entry.accepted();
    } else {
      entry.settle({ ok: true, result: reply.result });
    }
  }

  /** The link broke: no reply to anything sent before will come. */
  linkLost(): void {
    for (const entry of [...this.#open.values()]) {
      entry.settle({
        ok: false,
        code: "link_lost",
        message: "The link broke before the station answered. It is not known whether this was carried out.",
      });
    }
  }
}
