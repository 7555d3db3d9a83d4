import { SealwireError } from "../../core/model/errors.ts";
import type { StoreBounds } from "./store-bounds.ts";

/** A file that wants room. */
export interface WantedRoom {
  readonly name: string;
  readonly size: number;
  readonly owner: string;
}

/** The owner of what nobody owns: only what all have together bounds it. */
export const NOBODY = "";

/**
 * The room of a store: who has how much of it, and what broken tries have left. What was left
 * makes way, the oldest first, where its owner wants room for something new.
 */
export class StoreRoom<Left> {
  readonly #bounds: StoreBounds;
  readonly #now: () => number;
  readonly #discard: (left: Left) => Promise<void>;
  /** Bytes of whole files by owner. */
  readonly #whole = new Map<string, number>();
  /** Files on their way, those that were left among them. */
  readonly #drafts = new Set<WantedRoom>();
  /** In the order in which they were left. */
  readonly #left = new Map<string, LeftDraft<Left>>();

  constructor(bounds: StoreBounds, now: () => number, discard: (left: Left) => Promise<void>) {
    this.#bounds = bounds;
    this.#now = now;
    this.#discard = discard;
  }

  /** Takes room for a file on its way. @throws `TOO_LARGE`, `RATE_LIMITED` */
  async claim(wanted: WantedRoom): Promise<void> {
    await this.#discardWhere(({ untilMs }) => untilMs <= this.#now());
    for (;;) {
      const refusal = this.#refusalOf(wanted);
      if (!refusal) break;
      if (!(await this.#discardOldest(wanted.owner))) throw refusal;
    }
    this.#drafts.add(wanted);
  }

  /** Gives the room of a file on its way back. */
  release(wanted: WantedRoom): void {
    this.#drafts.delete(wanted);
  }

  /** What took room on its way is a file now. */
  settle(wanted: WantedRoom): void {
    if (this.#drafts.delete(wanted)) this.add(wanted.owner, wanted.size);
  }

  /** A try has ended; the next one finds what it left by its key, for a while. */
  leave(key: string, wanted: WantedRoom, left: Left, atMs: number = this.#now()): void {
    this.#drafts.add(wanted);
    this.#left.set(key, { wanted, left, untilMs: atMs + this.#bounds.draftTimeoutMs });
  }

  /** What was left under this key; its room is the caller's from now on. */
  takeLeft(key: string): { readonly wanted: WantedRoom; readonly left: Left } | undefined {
    const found = this.#left.get(key);
    if (!found) return undefined;
    this.#left.delete(key);
    if (found.untilMs > this.#now()) return found;
    this.release(found.wanted);
    // Nobody waits for this; what could not be removed stays hidden.
    this.#discard(found.left).catch(() => {});
    return undefined;
  }

  /** A whole file has come, or gone with a size below 0. */
  add(owner: string, bytes: number): void {
    this.#whole.set(owner, Math.max(0, (this.#whole.get(owner) ?? 0) + bytes));
  }

  /** Whole files are counted anew. */
  clear(): void {
    this.#whole.clear();
  }

  #refusalOf({ name, size, owner }: WantedRoom): SealwireError | undefined {
    const { maxTotalBytes, maxOwnerBytes, maxDrafts, maxOwnerDrafts } = this.#bounds;
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

  async #discardWhere(ends: (draft: LeftDraft<Left>, key: string) => boolean): Promise<void> {
    for (const [key, draft] of [...this.#left]) {
      if (!ends(draft, key)) continue;
      this.#left.delete(key);
      this.release(draft.wanted);
      await this.#discard(draft.left);
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
  const message = `${most} files are on their way already: finish one first, or wait until it has run out`;
  return new SealwireError("RATE_LIMITED", message);
}
