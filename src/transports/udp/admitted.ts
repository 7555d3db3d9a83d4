import { Inbox } from "../../bytes/inbox.ts";
import type { Admissions, UdpChannel } from "./endpoint-types.ts";
import { lost } from "./failures.ts";

/** Channels that were opened towards us and wait to be taken. */
export class Admitted implements Admissions {
  readonly #inbox: Inbox<UdpChannel>;
  readonly #maxPending: number;
  readonly #onClosed: () => void;

  constructor(maxPending: number, onClosed: () => void) {
    this.#inbox = new Inbox({ maxWaiting: maxPending });
    this.#maxPending = maxPending;
    this.#onClosed = onClosed;
  }

  get hasRoom(): boolean {
    return this.#inbox.weight < this.#maxPending;
  }

  put(channel: UdpChannel): void {
    this.#inbox.put(channel);
  }

  /** Those who still wait are cut off. */
  close(): void {
    if (this.#inbox.ended) return;
    this.#inbox.end();
    for (const channel of this.#inbox.drain()) void channel.close(lost(channel.remote));
    this.#onClosed();
  }

  [Symbol.asyncIterator](): AsyncIterator<UdpChannel> {
    return this.#inbox;
  }
}
