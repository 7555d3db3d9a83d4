/** The nonces that one key has used, as many as there is room for. */
export class Nonces {
  readonly #window: number;
  readonly #seen = new Set<string>();
  /**
   * The same in the order of their use, round and round: a set knows its oldest too, but looks for
   * it among all that were deleted before (30 microseconds a call with a window of 100,000).
   */
  readonly #order: string[] = [];
  #oldest = 0;

  /** `window`: how many are remembered. */
  constructor(window: number) {
    this.#window = window;
  }

  get size(): number {
    return this.#seen.size;
  }

  /** Remembers one; `false` when it was used before. */
  use(nonce: Uint8Array): boolean {
    const name = nameOf(nonce);
    const before = this.#seen.size;
    this.#seen.add(name);
    if (this.#seen.size === before) return false;
    if (before < this.#window) this.#order.push(name);
    else this.#replaceOldest(name);
    return true;
  }

  #replaceOldest(name: string): void {
    this.#seen.delete(this.#order[this.#oldest] ?? "");
    this.#order[this.#oldest] = name;
    this.#oldest = (this.#oldest + 1) % this.#window;
  }
}

/** As few letters as there can be, without a list of them: making it is what remembering costs. */
function nameOf(nonce: Uint8Array): string {
  return String.fromCharCode(
    letter(nonce, 0),
    letter(nonce, 2),
    letter(nonce, 4),
    letter(nonce, 6),
    letter(nonce, 8),
    letter(nonce, 10),
    letter(nonce, 12),
    letter(nonce, 14),
    letter(nonce, 16),
    letter(nonce, 18),
    letter(nonce, 20),
    letter(nonce, 22),
  );
}

/** Two bytes as one letter. */
function letter(nonce: Uint8Array, at: number): number {
  return ((nonce[at] ?? 0) << 8) | (nonce[at + 1] ?? 0);
}
