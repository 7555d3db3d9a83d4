import type { Msg, Subscription } from "@nats-io/transport-node";
import type { Bucket } from "./bucket.ts";
import type { BucketMessage } from "./bucket-session.ts";

/** Hears each write that the engine says aloud when it has it; some may be missed. */
export class SpokenMessages {
  readonly #subscription: Subscription | undefined;

  constructor({ link, spoken }: Bucket, hear: (message: BucketMessage) => void) {
    if (spoken === undefined) return;
    this.#subscription = link.subscribe(`${spoken}>`, ({ subject, headers, data }: Msg) => {
      const sequence = Number(headers?.get("Nats-Sequence"));
      const name = subject.slice(spoken.length);
      // Whether more stands behind it is not said here.
      const pending = Number.POSITIVE_INFINITY;
      if (Number.isSafeInteger(sequence) && sequence > 0) hear({ name, sequence, pending, data });
    });
  }

  close(): void {
    if (this.#subscription && !this.#subscription.isClosed()) this.#subscription.unsubscribe();
  }
}
