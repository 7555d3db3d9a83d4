import { createCipheriv, createDecipheriv } from "node:crypto";
import { equalBytes } from "../../bytes/equal.ts";
import { randomBytes } from "../../crypto/random.ts";

/**
 * Nonces that look random to everybody and that we know again as our own.
 *
 * Both directions of the wire use one key and no mark of direction, so that a packet of ours sent
 * back to us would be taken for the peer's. Each nonce is one block of AES-256 under a key that
 * nobody else has: a counter, so that none comes twice, and eight bytes that are always the same.
 */
export class OwnNonces {
  readonly #cipher: ReturnType<typeof createCipheriv>;
  readonly #decipher: ReturnType<typeof createDecipheriv>;
  readonly #mark = randomBytes(8);
  readonly #plain = new Uint8Array(STOCK * NONCE_BYTES);
  #stock: Uint8Array = new Uint8Array(0);
  #count = 0n;

  constructor() {
    const key = randomBytes(32);
    this.#cipher = createCipheriv("aes-256-ecb", key, null).setAutoPadding(false);
    this.#decipher = createDecipheriv("aes-256-ecb", key, null).setAutoPadding(false);
    key.fill(0);
    for (let at = 8; at < this.#plain.length; at += NONCE_BYTES) this.#plain.set(this.#mark, at);
  }

  next(): Uint8Array {
    if (this.#stock.length === 0) this.#restock();
    const nonce = this.#stock.subarray(0, NONCE_BYTES);
    this.#stock = this.#stock.subarray(NONCE_BYTES);
    return nonce;
  }

  /** Whether a box begins with a nonce of ours: somebody has sent it back. */
  made(box: Uint8Array): boolean {
    const block = this.#decipher.update(box.subarray(0, NONCE_BYTES));
    return equalBytes(block.subarray(8), this.#mark);
  }

  #restock(): void {
    const view = new DataView(this.#plain.buffer);
    for (let at = 0; at < this.#plain.length; at += NONCE_BYTES) {
      view.setBigUint64(at, this.#count);
      this.#count += 1n;
    }
    this.#stock = this.#cipher.update(this.#plain);
  }
}

const NONCE_BYTES = 16;
/** One call for many: a call for each costs as much as sealing a small packet. */
const STOCK = 64;
