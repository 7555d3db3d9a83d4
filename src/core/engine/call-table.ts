import type { CallId } from "../model/message.ts";

const FIRST_SLOTS = 16;
/** Beyond it numbers go where other ids go: somebody counts in leaps. */
const MOST_SLOTS = 65_536;

/**
 * Open calls by id. Numbers that count up by two, as on the native wire, share a ring of slots:
 * nothing is made or forgotten when a call comes and goes, which a `Map` does all the time.
 * Other ids, and numbers whose slot is taken, lie in a `Map`.
 */
export class CallTable<Value> {
  /** Made for the first call: most connections of a large server are idle. */
  #ids: (CallId | undefined)[] = [];
  #values: (Value | undefined)[] = [];
  #mask = FIRST_SLOTS - 1;
  #inRing = 0;
  #others: Map<CallId, Value> | undefined;

  /** How many calls are open. */
  get size(): number {
    return this.#inRing + (this.#others?.size ?? 0);
  }

  get(id: CallId): Value | undefined {
    if (typeof id === "number") {
      const slot = this.#slot(id);
      if (this.#ids[slot] === id) return this.#values[slot];
    }
    return this.#others?.get(id);
  }

  has(id: CallId): boolean {
    return this.get(id) !== undefined;
  }

  /** Adds a call; its id must not be open. */
  set(id: CallId, value: Value): void {
    if (typeof id === "number" && this.#ids[this.#slot(id)] !== undefined) this.#makeRoom();
    this.#put(id, value);
  }

  delete(id: CallId): boolean {
    if (typeof id === "number") {
      const slot = this.#slot(id);
      if (this.#ids[slot] === id) {
        this.#ids[slot] = undefined;
        this.#values[slot] = undefined;
        this.#inRing -= 1;
        return true;
      }
    }
    return this.#others?.delete(id) ?? false;
  }

  clear(): void {
    this.#ids.fill(undefined);
    this.#values.fill(undefined);
    this.#inRing = 0;
    this.#others = undefined;
  }

  /** All open calls as they are now; what changes meanwhile does not disturb. */
  entries(): readonly (readonly [CallId, Value])[] {
    const entries: (readonly [CallId, Value])[] = [...(this.#others ?? [])];
    this.#values.forEach((value, slot) => {
      const id = this.#ids[slot];
      if (id !== undefined && value !== undefined) entries.push([id, value]);
    });
    return entries;
  }

  /** Ids of one side are all odd or all even, so the lowest bit says nothing. */
  #slot(id: number): number {
    return Math.floor(id / 2) & this.#mask;
  }

  /** A crowded ring doubles; in a roomy one a collision is a straggler, which the map takes. */
  #makeRoom(): void {
    const slots = this.#ids.length * 2;
    if (this.#inRing * 4 < slots || slots > MOST_SLOTS) return;
    const open = this.entries();
    this.clear();
    this.#resize(slots);
    for (const [id, value] of open) this.#put(id, value);
  }

  #resize(slots: number): void {
    this.#ids = new Array(slots).fill(undefined);
    this.#values = new Array(slots).fill(undefined);
    this.#mask = slots - 1;
  }

  #put(id: CallId, value: Value): void {
    const slot = typeof id === "number" ? this.#slot(id) : -1;
    if (slot < 0 || this.#ids[slot] !== undefined) {
      this.#others ??= new Map();
      this.#others.set(id, value);
      return;
    }
    if (this.#ids.length === 0) this.#resize(FIRST_SLOTS);
    this.#ids[slot] = id;
    this.#values[slot] = value;
    this.#inRing += 1;
  }
}
