import type { Clock } from "../core/contracts/clock.ts";
import { networkOf } from "../core/engine/network.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { GatewayLimits } from "./options.ts";

/** Gives back the place that was taken. */
export type Leave = () => void;

interface Guest {
  inside: number;
  tokens: number;
  atMs: number;
}

/** Counts who is inside and how often somebody comes, in all and for each network. */
export class House {
  readonly #limits: GatewayLimits;
  readonly #clock: Clock;
  readonly #guests = new Map<string, Guest>();
  #inside = 0;

  constructor(limits: GatewayLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** @throws `RATE_LIMITED` naming the limit that is reached. */
  enter(remote: string): Leave {
    const { maxConnections, maxConnectionsPerAddress, opensPerMinute } = this.#limits;
    if (this.#inside >= maxConnections) throw full("this proxy", maxConnections);
    const network = networkOf(remote);
    const guest = this.#guest(network);
    if (guest.inside >= maxConnectionsPerAddress)
      throw full("your address", maxConnectionsPerAddress);
    if (guest.tokens < 1) throw tooOften(opensPerMinute);
    guest.tokens -= 1;
    guest.inside += 1;
    this.#inside += 1;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      guest.inside -= 1;
      this.#inside -= 1;
    };
  }

  /** The guest with the tokens that he has gained since he was last seen. */
  #guest(network: string): Guest {
    const now = this.#clock.now();
    const perMinute = this.#limits.opensPerMinute;
    const known = this.#guests.get(network);
    if (known) {
      known.tokens = Math.min(perMinute, known.tokens + ((now - known.atMs) / 60_000) * perMinute);
      known.atMs = now;
      return known;
    }
    if (this.#guests.size >= MAX_REMEMBERED) this.#forget(now);
    const guest = { inside: 0, tokens: perMinute, atMs: now };
    this.#guests.set(network, guest);
    return guest;
  }

  /** Who has not come for a minute and has nothing open stands as if he had never come. */
  #forget(now: number): void {
    for (const [network, { inside, atMs }] of this.#guests) {
      if (inside === 0 && now - atMs > 60_000) this.#guests.delete(network);
    }
    if (this.#guests.size >= MAX_REMEMBERED) throw tooOften(this.#limits.opensPerMinute);
  }
}

const MAX_REMEMBERED = 100_000;

function full(what: string, limit: number): SealwireError {
  const message = `${what} has ${limit} connections open, which is the limit; close one`;
  return new SealwireError("RATE_LIMITED", message);
}

function tooOften(perMinute: number): SealwireError {
  const message = `more than ${perMinute} connections a minute; wait a little and come back`;
  return new SealwireError("RATE_LIMITED", message);
}
