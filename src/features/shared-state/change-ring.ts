import type { ItemBytes } from "../../core/engine/change-feed.ts";

/**
 * The last changes of all, so that who was away for a moment can go on where it was. A cursor
 * names a place in it, and the life of the server that it belongs to.
 */
export class ChangeRing<Item> {
  readonly #life: string;
  readonly #capacity: number;
  readonly #items: (Item | undefined)[];
  readonly #bytes: ItemBytes<Item>;
  #heldBytes = 0;
  /** The oldest that is kept. */
  #first = 0;
  #next = 0;

  constructor(life: string, capacity: number, bytes: ItemBytes<Item>) {
    this.#life = life;
    this.#capacity = capacity;
    this.#bytes = bytes;
    this.#items = new Array(Math.min(capacity, 1_024));
  }

  /** The place behind the last change. */
  get cursor(): string {
    return `${this.#life}:${this.#next}`;
  }

  /** `make` is told the cursor behind its item. */
  push(make: (cursor: string) => Item): Item {
    const at = this.#next++;
    const item = make(this.cursor);
    if (at - this.#first >= this.#capacity) this.#drop();
    this.#items[at % this.#capacity] = item;
    this.#heldBytes += this.#bytes.of(item);
    while (this.#heldBytes > this.#bytes.most && this.#first <= at) this.#drop();
    return item;
  }

  /** Everything behind a cursor; `undefined` where that is not known any more. */
  after(cursor: string): readonly Item[] | undefined {
    const colon = cursor.lastIndexOf(":");
    const from = Number(cursor.slice(colon + 1));
    if (cursor.slice(0, colon) !== this.#life || !Number.isSafeInteger(from)) return undefined;
    if (from < this.#first || from > this.#next) return undefined;
    const items: Item[] = [];
    for (let i = from; i < this.#next; i++) items.push(this.#items[i % this.#capacity] as Item);
    return items;
  }

  #drop(): void {
    const at = this.#first++ % this.#capacity;
    const item = this.#items[at];
    if (item !== undefined) this.#heldBytes -= this.#bytes.of(item);
    this.#items[at] = undefined;
  }
}
