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
    const name = nameOf(nonce);
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

/** As few letters as there can be: making the name is what remembering costs. */
function nameOf(nonce: Uint8Array): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = new Uint32Array(nonce.slice().buffer);
  return String.fromCharCode(
    ...[a >>> 16, a, b >>> 16, b, c >>> 16, c, d >>> 16, d, e >>> 16, e, f >>> 16, f],
  );
}
