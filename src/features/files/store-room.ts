import type { DraftOptions } from "../../core/contracts/file-store.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { draftKey } from "./draft-key.ts";
import type { StoreBounds } from "./store-bounds.ts";

/** A file that wants room. */
export interface WantedRoom {
  readonly name: string;
  readonly size: number;
  readonly owner: string;
}

/** The owner of what nobody owns: only what all have together bounds it. */
export const NOBODY = "";

/** The room of one file on its way. */
export interface Opening<Left> {
  readonly wanted: WantedRoom;
  /** By which another try finds it; absent where nothing can be left for one. */
  readonly key: string | undefined;
  /** What an earlier try has left. */
  readonly left: Left | undefined;
}

/** What the room of a store is made of. */
export interface StoreRoomParts<Left> {
  readonly bounds: StoreBounds;
  readonly now: () => number;
  /** Removes what was left under a key. */
  readonly discard: (key: string, left: Left) => Promise<void>;
  /** Counts whole files anew when there seems to be no room: some may have gone unnoticed. */
  readonly recount?: () => Promise<void>;
}

/**
 * The room of a store: who has how much of it, and what broken tries have left. What was left
 * makes way, the oldest first, where its owner wants room for something new.
 */
export class StoreRoom<Left> {
  readonly #parts: StoreRoomParts<Left>;
  /** Bytes of whole files by owner. */
  readonly #whole = new Map<string, number>();
  /** Files on their way, those that were left among them. */
  readonly #drafts = new Set<WantedRoom>();
  /** In the order in which they were left. */
  readonly #left = new Map<string, LeftDraft<Left>>();
  /** Keys of drafts that somebody writes or removes. */
  readonly #busy = new Set<string>();

  constructor(parts: StoreRoomParts<Left>) {
    this.#parts = parts;
  }

  /**
   * Room for a file, with what was left of it if nobody else has it.
   *
   * @throws `TOO_LARGE`, `RATE_LIMITED`
   */
  async open(name: string, size: number, options: DraftOptions): Promise<Opening<Left>> {
    await this.#discardWhere(({ untilMs }) => untilMs <= this.#parts.now());
    const known = draftKey(name, size, options);
    const key = known !== undefined && this.#busy.has(known) ? undefined : known;
    const found = key === undefined ? undefined : this.#left.get(key);
    const wanted = found?.wanted ?? { name, size, owner: options.owner ?? NOBODY };
    const opening = { wanted, key, left: found?.left };
    if (key !== undefined) {
      this.#busy.add(key);
      this.#left.delete(key);
    }
    if (found) return opening;
    try {
      await this.#claim(wanted);
      return opening;
    } catch (thrown) {
      this.release(opening);
      throw thrown;
    }
  }

  /** It is given up. */
  release({ wanted, key }: Opening<Left>): void {
    this.#drafts.delete(wanted);
    if (key !== undefined) this.#busy.delete(key);
  }

  /** It is a file now. */
  settle(opening: Opening<Left>): void {
    this.release(opening);
    this.add(opening.wanted.owner, opening.wanted.size);
  }

  /** A try has ended; the next one finds for a while what it has left. */
  leave(opening: Opening<Left>, left: Left): void {
    this.release(opening);
    if (opening.key !== undefined) this.found(opening.key, opening.wanted, left, this.#parts.now());
  }

  /** What was left at this time. */
  found(key: string, wanted: WantedRoom, left: Left, atMs: number): void {
    this.#drafts.add(wanted);
    this.#left.set(key, { wanted, left, untilMs: atMs + this.#parts.bounds.draftTimeoutMs });
  }

  /** A whole file has come, or gone with a size below 0. */
  add(owner: string, bytes: number): void {
    this.#whole.set(owner, Math.max(0, (this.#whole.get(owner) ?? 0) + bytes));
  }

  /** Whole files are counted anew. */
  clear(): void {
    this.#whole.clear();
  }

  async #claim(wanted: WantedRoom): Promise<void> {
    const { recount } = this.#parts;
    if (recount && this.#refusalOf(wanted)?.code === "TOO_LARGE") await recount();
    for (;;) {
      const refusal = this.#refusalOf(wanted);
      if (!refusal) break;
      if (!(await this.#discardOldest(wanted.owner))) throw refusal;
    }
    this.#drafts.add(wanted);
  }

  #refusalOf({ name, size, owner }: WantedRoom): SealwireError | undefined {
    const { maxTotalBytes, maxOwnerBytes, maxDrafts, maxOwnerDrafts } = this.#parts.bounds;
    const [all, whole] = [[...this.#drafts], [...this.#whole]];
    const own = all.filter((each) => each.owner === owner);
    const owned = owner !== NOBODY;
    if (all.length >= maxDrafts) return tooMany(maxDrafts);
    if (owned && own.length >= maxOwnerDrafts) return tooMany(maxOwnerDrafts);
    const free = maxTotalBytes - sum(whole.map(([, bytes]) => bytes)) - sum(all.map(sizeOf));
    if (size > free) return tooLarge(name, size, free);
    const left = maxOwnerBytes - (this.#whole.get(owner) ?? 0) - sum(own.map(sizeOf));
    return owned && size > left ? tooLarge(name, size, left) : undefined;
  }

  async #discardOldest(owner: string): Promise<boolean> {
    for (const [key, each] of this.#left) {
      if (each.wanted.owner !== owner) continue;
      await this.#discardWhere((_, other) => other === key);
      return true;
    }
    return false;
  }

  /** Meanwhile nobody gets what goes. */
  async #discardWhere(ends: (draft: LeftDraft<Left>, key: string) => boolean): Promise<void> {
    for (const [key, draft] of [...this.#left]) {
      if (!ends(draft, key)) continue;
      this.#left.delete(key);
      this.#drafts.delete(draft.wanted);
      this.#busy.add(key);
      await this.#parts.discard(key, draft.left).finally(() => this.#busy.delete(key));
    }
  }
}

interface LeftDraft<Left> {
  readonly wanted: WantedRoom;
  readonly left: Left;
  readonly untilMs: number;
}

const sizeOf = ({ size }: WantedRoom): number => size;

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function tooLarge(name: string, size: number, free: number): SealwireError {
  const message = `${name} has ${size} bytes, ${Math.max(0, free)} are free: remove something first`;
  return new SealwireError("TOO_LARGE", message);
}

function tooMany(most: number): SealwireError {
  const message = `${most} files are on their way already: finish one first, or wait for its end`;
  return new SealwireError("RATE_LIMITED", message);
}
