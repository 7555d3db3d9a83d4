import type { PackedChange } from "./packed-changes.ts";
import type { Variable } from "./variables.ts";
import type { WatchItem } from "./watch-item.ts";

/** An item, and the variable by which it is judged who may see it. */
export interface Told {
  readonly item: WatchItem;
  readonly variable?: Variable | undefined;
  /** How large values are told to those who keep their bytes. */
  readonly packed?: PackedChange | undefined;
  /** About what it takes while it waits. */
  readonly bytes?: number | undefined;
}

/** What one watch gives out, and how. */
export interface ToldItemsOwner {
  /** @throws when nothing more may be seen */
  visible(told: Told): boolean;
  /** Large values as bytes, or as what has changed in them. */
  readonly packed: boolean;
  /** The watch is over. */
  release(): void;
}

/** No generator: one that was never asked for an item does not hear that nobody wants any. */
export function itemsOf(
  told: AsyncIterableIterator<Told, undefined>,
  owner: ToldItemsOwner,
): AsyncIterableIterator<WatchItem, undefined> {
  const itemFor = owner.packed ? packing() : ({ item }: Told) => item;
  return {
    async next() {
      try {
        for (;;) {
          const result = await told.next();
          if (result.done) {
            owner.release();
            return result;
          }
          if (owner.visible(result.value)) return { done: false, value: itemFor(result.value) };
        }
      } catch (thrown) {
        owner.release();
        await told.return?.();
        throw thrown;
      }
    },
    async return() {
      owner.release();
      await told.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** For one watch: it remembers of which versions the other side has the bytes. */
function packing(): (told: Told) => WatchItem {
  const has = new Map<string, number>();
  return ({ item, packed }) => {
    if (!("name" in item)) return item;
    const { name, version } = item;
    const before = has.get(name);
    has.delete(name);
    if (!packed) return item;
    try {
      const fields = packed.fields(before);
      has.set(name, version);
      return { name, version, ...("cursor" in item && { cursor: item.cursor }), ...fields };
    } catch {
      // What cannot travel is refused where every other value is.
      return item;
    }
  };
}
