import { ChangeFeed, type Wanted } from "../../core/engine/change-feed.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { Peer, Principal } from "../../core/model/peer.ts";
import { ChangeRing } from "./change-ring.ts";
import type { LedgerChange } from "./ledger.ts";
import type { StateLimits, WatchLimits } from "./options.ts";
import { PackedChanges } from "./packed-changes.ts";
import { itemsOf, type Told } from "./told-items.ts";
import type { Variable } from "./variables.ts";
import type { WatchedChange, WatchItem } from "./watch-item.ts";
import { isWanted, Watchers } from "./watchers.ts";

/** How something is watched. */
export interface WatchRequest {
  readonly wanted: Wanted;
  /** Goes on from here, if that is still known. */
  readonly after?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Whose watch it is, and as whom; absent for the server's own. */
  readonly by?: { readonly peer: Peer; readonly principal?: Principal | undefined };
  /** Keeps the bytes of large values, so that of those only what changes need be told. */
  readonly packed?: boolean | undefined;
}

/** What watches need of the variables. */
export interface WatchesOwner {
  readonly limits: WatchLimits & Pick<StateLimits, "maxBytes">;
  readonly now: () => number;
  entries(): ReadonlyMap<string, Variable>;
  mayRead(principal: Principal | undefined, name: string, variable: Variable | undefined): boolean;
}

type ToldChange = Told & { readonly item: WatchedChange };

/** All who watch variables. */
export class Watches {
  readonly #owner: WatchesOwner;
  readonly #feed: ChangeFeed<Told>;
  readonly #ring: ChangeRing<ToldChange>;
  readonly #watchers: Watchers;
  readonly #packed = new PackedChanges();
  readonly #life: string;

  /** `life` names this server's life: cursors of another are not known. */
  constructor(owner: WatchesOwner, life: string) {
    const { limits } = owner;
    const bytes = { most: limits.maxBytes, of: (told: Told) => told.bytes ?? 0 };
    this.#owner = owner;
    this.#life = life;
    this.#watchers = new Watchers(limits);
    this.#feed = new ChangeFeed(limits.maxBacklog, bytes);
    this.#ring = new ChangeRing<ToldChange>(life, limits.resumableChanges, bytes);
  }

  publish(change: LedgerChange): void {
    const { name, version, variable, previous } = change;
    const packed = this.#packed.changed(change);
    const told = this.#ring.push((cursor) => ({
      item: variable ? { name, version, cursor, value: variable.value } : { name, version, cursor },
      variable: variable ?? previous,
      packed,
      bytes: variable?.bytes,
    }));
    this.#feed.publish(name, told);
  }

  /** Whether a peer learns of a large value by a watch of its own. */
  bringsLarge(peer: Peer, name: string): boolean {
    return this.#watchers.bringsLarge(peer, name);
  }

  /** Begins now. @throws `RATE_LIMITED` when there are too many */
  open(request: WatchRequest): AsyncIterableIterator<WatchItem, undefined> {
    const { wanted, after, signal, by, packed = false } = request;
    const release = by ? this.#watchers.join(by.peer, { wanted, packed }) : () => {};
    const first = this.#resumed(wanted, after) ?? this.#snapshot(wanted);
    const told = this.#feed.watch(wanted, { first, signal });
    const visible = by ? this.#visibleTo(by.principal) : () => true;
    return itemsOf(told, { visible, packed, release });
  }

  /** Ends all of them. */
  close(): void {
    this.#feed.end(new SealwireError("UNAVAILABLE", "the server shares no variables any more"));
  }

  #snapshot(wanted: Wanted): readonly Told[] {
    const all = this.#owner.entries();
    const told: Told[] = [];
    const add = (name: string, variable: Variable): void => {
      const item = { name, value: variable.value, version: variable.version };
      told.push({ item, variable, packed: this.#packed.present(name, variable) });
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
}

function begin(life: string, recovered: boolean): Told {
  return { item: { begin: life, recovered } };
}

function ready(cursor: string): Told {
  return { item: { ready: true, cursor } };
}

function expired(): SealwireError {
  const message = "the credentials have expired: prove anew who you are, and watch again";
  return new SealwireError("UNAUTHENTICATED", message);
}
