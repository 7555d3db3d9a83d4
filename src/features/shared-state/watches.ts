import { ChangeFeed, type Wanted } from "../../core/engine/change-feed.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { Peer, Principal } from "../../core/model/peer.ts";
import { ChangeRing } from "./change-ring.ts";
import type { LedgerChange } from "./ledger.ts";
import type { WatchLimits } from "./options.ts";
import type { Variable } from "./variables.ts";
import type { WatchedChange, WatchItem } from "./watch-item.ts";

/** How something is watched. */
export interface WatchRequest {
  readonly wanted: Wanted;
  /** Goes on from here, if that is still known. */
  readonly after?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Whose watch it is, and as whom; absent for the server's own. */
  readonly by?: { readonly peer: Peer; readonly principal?: Principal | undefined };
}

/** What watches need of the variables. */
export interface WatchesOwner {
  readonly limits: WatchLimits;
  readonly now: () => number;
  entries(): ReadonlyMap<string, Variable>;
  mayRead(principal: Principal | undefined, name: string, variable: Variable | undefined): boolean;
}

/** An item, and the variable by which it is judged who may see it. */
interface Told {
  readonly item: WatchItem;
  readonly variable?: Variable | undefined;
}

/** All who watch variables. */
export class Watches {
  readonly #owner: WatchesOwner;
  readonly #feed: ChangeFeed<Told>;
  readonly #ring: ChangeRing<Told & { readonly item: WatchedChange }>;
  readonly #perPeer = new Map<string, number>();
  readonly #life: string;
  #open = 0;

  /** `life` names this server's life: cursors of another are not known. */
  constructor(owner: WatchesOwner, life: string) {
    this.#owner = owner;
    this.#life = life;
    this.#feed = new ChangeFeed(owner.limits.maxBacklog);
    this.#ring = new ChangeRing(life, owner.limits.resumableChanges);
  }

  publish({ name, version, variable, previous }: LedgerChange): void {
    const told = this.#ring.push((cursor) => ({
      item: { name, version, cursor, ...(variable && { value: variable.value }) },
      variable: variable ?? previous,
    }));
    this.#feed.publish(name, told);
  }

  /** Begins now. @throws `RATE_LIMITED` when there are too many */
  open({ wanted, after, signal, by }: WatchRequest): AsyncIterableIterator<WatchItem, undefined> {
    const release = this.#count(by?.peer);
    const first = this.#resumed(wanted, after) ?? this.#snapshot(wanted);
    const told = this.#feed.watch(wanted, { first, signal });
    const visible = by ? this.#visibleTo(by.principal) : () => true;
    return itemsOf(told, visible, release);
  }

  /** Ends all of them. */
  close(): void {
    this.#feed.end(new SealwireError("UNAVAILABLE", "the server shares no variables any more"));
  }

  #snapshot(wanted: Wanted): readonly Told[] {
    const all = this.#owner.entries();
    const told: Told[] = [];
    const add = (name: string, variable: Variable): void => {
      told.push({ item: { name, value: variable.value, version: variable.version }, variable });
    };
    if ("prefix" in wanted) {
      for (const [name, variable] of all) if (name.startsWith(wanted.prefix)) add(name, variable);
    } else {
      const variable = all.get(wanted.key);
      if (variable) add(wanted.key, variable);
    }
    return [begin(this.#life, false), ...told, ready(this.#ring.cursor)];
  }

  #resumed(wanted: Wanted, after: string | undefined): readonly Told[] | undefined {
    const missed = after === undefined ? undefined : this.#ring.after(after);
    if (!missed) return undefined;
    const told = missed.filter(({ item }) => isWanted(wanted, item.name));
    return [begin(this.#life, true), ...told, ready(this.#ring.cursor)];
  }

  #visibleTo(principal: Principal | undefined): (told: Told) => boolean {
    return ({ item, variable }) => {
      const { expiresAt } = principal ?? {};
      if (expiresAt !== undefined && expiresAt <= this.#owner.now()) throw expired();
      return !("name" in item) || this.#owner.mayRead(principal, item.name, variable);
    };
  }

  #count(peer: Peer | undefined): () => void {
    const { maxWatches, maxWatchesPerPeer } = this.#owner.limits;
    if (!peer) return () => {};
    const own = this.#perPeer.get(peer.id) ?? 0;
    if (this.#open >= maxWatches) throw tooMany(`${maxWatches} watches are open`);
    if (own >= maxWatchesPerPeer) throw tooMany(`${maxWatchesPerPeer} watches of yours are open`);
    this.#open += 1;
    this.#perPeer.set(peer.id, own + 1);
    return () => {
      this.#open -= 1;
      const left = (this.#perPeer.get(peer.id) ?? 1) - 1;
      if (left > 0) this.#perPeer.set(peer.id, left);
      else this.#perPeer.delete(peer.id);
    };
  }
}

function begin(life: string, recovered: boolean): Told {
  return { item: { begin: life, recovered } };
}

function ready(cursor: string): Told {
  return { item: { ready: true, cursor } };
}

function isWanted(wanted: Wanted, name: string): boolean {
  return "prefix" in wanted ? name.startsWith(wanted.prefix) : name === wanted.key;
}

/** No generator: one that was never asked for an item does not hear that nobody wants any. */
function itemsOf(
  told: AsyncIterableIterator<Told, undefined>,
  visible: (told: Told) => boolean,
  release: () => void,
): AsyncIterableIterator<WatchItem, undefined> {
  let held = true;
  const letGo = (): void => {
    if (held) release();
    held = false;
  };
  return {
    async next() {
      try {
        for (;;) {
          const result = await told.next();
          if (result.done) {
            letGo();
            return result;
          }
          if (visible(result.value)) return { done: false, value: result.value.item };
        }
      } catch (thrown) {
        letGo();
        await told.return?.();
        throw thrown;
      }
    },
    async return() {
      letGo();
      await told.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function tooMany(what: string): SealwireError {
  return new SealwireError("RATE_LIMITED", `${what}, and no more may be; end one first`);
}

function expired(): SealwireError {
  const message = "the credentials have expired: prove anew who you are, and watch again";
  return new SealwireError("UNAUTHENTICATED", message);
}
