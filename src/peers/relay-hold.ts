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

  /** `onRefused`: the relay has forgotten what it had promised. */
  constructor(parts: SessionParts, prober: Prober, onRefused: () => void) {
    this.#prober = prober;
    void this.#bind(parts, onRefused);
  }

  /** Tells the relay at once where we are. */
  renew(): void {
    this.#binding?.renew();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#binding?.close();
  }

  async #bind(parts: SessionParts, onRefused: () => void): Promise<void> {
    const { surroundings, ground, session, role, relay, signal } = parts;
    if (!relay) return;
    const side = role === "caller" ? 0 : 1;
    try {
      this.#binding = await bindRelay({
        ...{ surroundings, ground, session, side, relay, signal, onRefused },
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
