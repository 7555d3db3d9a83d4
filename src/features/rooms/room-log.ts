/** One thing that happened, and whom it is for; without both sets for everybody. */
export interface LogEntry<Item> {
  readonly seq: number;
  readonly item: Item;
  readonly bytes: number;
  readonly audience: Audience;
}

/** Members by their ids: these alone, or all but these. */
export interface Audience {
  readonly to?: ReadonlySet<string> | undefined;
  readonly except?: ReadonlySet<string> | undefined;
}

/** Bytes that the logs of all rooms take together. */
export interface SharedBudget {
  readonly maxBytes: number;
  usedBytes: number;
}

/** What a log may hold. */
export interface LogBounds {
  readonly maxEntries: number;
  readonly maxBytes: number;
  readonly shared: SharedBudget;
}

/**
 * The last things that happened in one room, numbered. Every member reads it at its own pace, so
 * that one event costs its memory once, however many have not had it yet.
 */
export class RoomLog<Item> {
  readonly #bounds: LogBounds;
  readonly #entries: LogEntry<Item>[] = [];
  #last = 0;
  #bytes = 0;

  constructor(bounds: LogBounds) {
    this.#bounds = bounds;
  }

  /** The number of the latest. */
  get last(): number {
    return this.#last;
  }

  /** Adds one; the oldest fall when there are too many, or too many bytes in this or all rooms. */
  add(make: (seq: number) => Item, bytes: number, audience: Audience): void {
    this.#last += 1;
    this.#entries.push({ seq: this.#last, item: make(this.#last), bytes, audience });
    this.#count(bytes);
    const { maxEntries, maxBytes, shared } = this.#bounds;
    // The latest stays whatever it takes: those who keep up shall have it.
    while (this.#entries.length > 1) {
      const fits = this.#entries.length <= maxEntries && this.#bytes <= maxBytes;
      if (fits && shared.usedBytes <= shared.maxBytes) return;
      this.#count(-(this.#entries.shift()?.bytes ?? 0));
    }
  }

  /** Whether all that came after this number is still here. */
  reaches(seq: number): boolean {
    return seq <= this.#last && seq >= this.#last - this.#entries.length;
  }

  /** The next one after this number. */
  after(seq: number): LogEntry<Item> | undefined {
    return this.#entries[seq - (this.#last - this.#entries.length)];
  }

  /** Forgets everything. */
  clear(): void {
    this.#entries.length = 0;
    this.#count(-this.#bytes);
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    this.#bounds.shared.usedBytes += bytes;
  }
}

/** Whether it is for this member. */
export function isFor({ to, except }: Audience, member: string): boolean {
  return (to === undefined || to.has(member)) && except?.has(member) !== true;
}
