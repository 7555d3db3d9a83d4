/** The nonces that one key has used, as many as there is room for. */
export class Nonces {
  readonly #window: number;
  readonly #seen = new Set<string>();

  /** `window`: how many are remembered. */
  constructor(window: number) {
    this.#window = window;
  }

  get size(): number {
    return this.#seen.size;
  }

  /** Remembers one; `false` when it was used before. */
  use(nonce: Uint8Array): boolean {
    const name = String.fromCharCode(...nonce);
    if (this.#seen.has(name)) return false;
    this.#seen.add(name);
    if (this.#seen.size > this.#window) this.#forgetOldest();
    return true;
  }

  #forgetOldest(): void {
    for (const oldest of this.#seen) {
      this.#seen.delete(oldest);
      return;
    }
  }
}
