import { Gate } from "../../core/engine/gate.ts";
import type { Peer } from "../../core/model/peer.ts";
import type { Offer } from "./offer.ts";

/** One connected worker, as the broker sees it. */
export class WorkerLink {
  readonly peer: Peer;
  offer: Offer;
  /** When it was last given a call, in the count of the broker. */
  lastGiven = 0;
  /** Has said goodbye: it ends what it has and gets no more. */
  leaving = false;
  #open = 0;
  readonly #idle = new Gate();

  constructor(peer: Peer, offer: Offer) {
    this.peer = peer;
    this.offer = offer;
  }

  /** Calls that it runs. */
  get open(): number {
    return this.#open;
  }

  get load(): number {
    return this.#open / this.offer.concurrency;
  }

  get free(): boolean {
    return this.#open < this.offer.concurrency && !this.leaving && !this.peer.ending;
  }

  take(): void {
    this.#open += 1;
  }

  release(): void {
    this.#open -= 1;
    if (this.#open === 0) this.#idle.open();
  }

  /** Resolves when its last call has ended. */
  async idle(): Promise<void> {
    while (this.#open > 0) await this.#idle.wait();
  }
}
