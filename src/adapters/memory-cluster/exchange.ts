import type { Delivery } from "../../core/contracts/cluster.ts";
import type { Logger } from "../../core/contracts/logger.ts";
import { tell } from "../../core/engine/tell.ts";

/** One who is subscribed to a subject. */
export interface Subscriber {
  readonly group: string | undefined;
  /** False while its node does not hear the engine. */
  readonly listens: () => boolean;
  readonly receive: (delivery: Delivery) => void;
}

/** Who is subscribed to what; gives each delivery to those who are. */
export class Exchange {
  readonly #subjects = new Map<string, Set<Subscriber>>();
  readonly #logger: Logger;
  /** Groups take turns. */
  #turn = 0;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** @returns what ends it */
  join(subject: string, subscriber: Subscriber): () => void {
    const subscribers = this.#subjects.get(subject) ?? new Set();
    this.#subjects.set(subject, subscribers.add(subscriber));
    return () => {
      subscribers.delete(subscriber);
      if (subscribers.size === 0) this.#subjects.delete(subject);
    };
  }

  /** @returns how many receive it; each has bytes of its own, later in this turn of the loop */
  deliver(subject: string, payload: Uint8Array, reply?: Delivery["reply"]): number {
    const receivers = this.#receiversOf(subject);
    for (const receiver of receivers) {
      const delivery: Delivery = { payload: payload.slice(), ...(reply && { reply }) };
      queueMicrotask(() => {
        // It may have left, or lost the engine, since.
        if (this.#subjects.get(subject)?.has(receiver) && receiver.listens()) {
          tell(this.#logger, { subject }, () => receiver.receive(delivery));
        }
      });
    }
    return receivers.length;
  }

  #receiversOf(subject: string): readonly Subscriber[] {
    const all = [...(this.#subjects.get(subject) ?? [])].filter(({ listens }) => listens());
    const groups = new Map<string, Subscriber[]>();
    for (const one of all) {
      if (one.group === undefined) continue;
      groups.set(one.group, [...(groups.get(one.group) ?? []), one]);
    }
    this.#turn += 1;
    const chosen = [...groups.values()].flatMap((members) => {
      const member = members[this.#turn % members.length];
      return member ? [member] : [];
    });
    return [...all.filter(({ group }) => group === undefined), ...chosen];
  }
}
