import type { Path } from "./path.ts";
import type { Prober } from "./prober.ts";
import { bindRelay, type RelayBinding } from "./relay-binding.ts";
import type { SessionParts } from "./session-parts.ts";

/** The place of a session at its relay, from the first try to the end. */
export class RelayHold {
  readonly #prober: Prober;
  #binding: RelayBinding | undefined;
  #path: Path | undefined;
  #closed = false;

  constructor(parts: SessionParts, prober: Prober) {
    this.#prober = prober;
    void this.#bind(parts);
  }

  /** Tells the relay at once where we are. */
  renew(): void {
    this.#binding?.renew();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#binding?.close();
  }

  async #bind({ surroundings, ground, session, role, relay, signal }: SessionParts) {
    if (!relay) return;
    const side = role === "caller" ? 0 : 1;
    try {
      this.#binding = await bindRelay({
        ...{ surroundings, ground, session, side, relay, signal },
        onReached: ({ kind, through }) => {
          this.#path = through && this.#prober.learn(through, `relay-${kind}`);
        },
        onBound: () => {
          if (this.#path && role === "caller") this.#prober.ping(this.#path);
        },
      });
      if (this.#closed) await this.#binding.close();
    } catch {
      // Without a relay there may still be a direct path.
    }
  }
}
