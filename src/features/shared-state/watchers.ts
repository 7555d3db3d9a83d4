import type { Wanted } from "../../core/engine/change-feed.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { Peer } from "../../core/model/peer.ts";
import type { WatchLimits } from "./options.ts";

/** What one peer watches. */
export interface PeerWatch {
  readonly wanted: Wanted;
  /** It keeps the bytes of large values, and has them from here alone. */
  readonly packed: boolean;
}

/** Who watches what, and how many they may be. */
export class Watchers {
  readonly #limits: WatchLimits;
  readonly #byPeer = new Map<string, Set<PeerWatch>>();
  #count = 0;

  constructor(limits: WatchLimits) {
    this.#limits = limits;
  }

  /** Returns what gives its place back. @throws `RATE_LIMITED` when there are too many */
  join(peer: Peer, watch: PeerWatch): () => void {
    const { maxWatches, maxWatchesPerPeer } = this.#limits;
    const own = this.#byPeer.get(peer.id) ?? new Set();
    if (this.#count >= maxWatches) throw tooMany(`${maxWatches} watches are open`);
    if (own.size >= maxWatchesPerPeer) {
      throw tooMany(`${maxWatchesPerPeer} watches of yours are open`);
    }
    this.#count += 1;
    this.#byPeer.set(peer.id, own.add(watch));
    return () => {
      if (!own.delete(watch)) return;
      this.#count -= 1;
      if (own.size === 0 && this.#byPeer.get(peer.id) === own) this.#byPeer.delete(peer.id);
    };
  }

  /** Whether a watch of this peer brings it the large values of this name. */
  bringsLarge(peer: Peer, name: string): boolean {
    for (const { wanted, packed } of this.#byPeer.get(peer.id) ?? NONE) {
      if (packed && isWanted(wanted, name)) return true;
    }
    return false;
  }
}

const NONE: ReadonlySet<PeerWatch> = new Set();

/** Whether a name is among what is watched. */
export function isWanted(wanted: Wanted, name: string): boolean {
  return "prefix" in wanted ? name.startsWith(wanted.prefix) : name === wanted.key;
}

function tooMany(what: string): SealwireError {
  return new SealwireError("RATE_LIMITED", `${what}, and no more may be; end one first`);
}
