import { BOX_NONCE_BYTES } from "../../crypto/box.ts";
import { randomBytes } from "../../crypto/random.ts";
import { asciiBytes } from "./commands.ts";
import { violation } from "./failures.ts";

/** Bytes of a nonce that travel: the rest says in words what the box is for (RFC 26). */
export const SHORT_NONCE_BYTES = 8;
/** The same where a nonce is chosen at random. */
export const LONG_NONCE_BYTES = 16;

/** A whole nonce: the words, and what travels. */
export function nonceOf(words: string, travelling: Uint8Array): Uint8Array {
  const nonce = new Uint8Array(BOX_NONCE_BYTES);
  nonce.set(asciiBytes(words));
  nonce.set(travelling, BOX_NONCE_BYTES - travelling.length);
  return nonce;
}

/** A nonce with words of eight letters and sixteen random bytes. */
export function randomNonce(words: string): Uint8Array {
  return nonceOf(words, randomBytes(LONG_NONCE_BYTES));
}

/** Numbers boxes that go out, from 1 on: none is used twice under one key. */
export class NonceCounter {
  #count = 0;

  next(): Uint8Array {
    this.#count += 1;
    const short = new Uint8Array(SHORT_NONCE_BYTES);
    const view = new DataView(short.buffer);
    view.setUint32(0, Math.floor(this.#count / 2 ** 32));
    view.setUint32(4, this.#count >>> 0);
    return short;
  }
}

/** Judges the numbers of boxes that come in: each is greater than the one before. */
export class NonceGuard {
  #high = 0;
  #low = 0;

  /** @throws `PROTOCOL_VIOLATION` for a number that was there before, or is too low */
  pass(short: Uint8Array): void {
    const view = new DataView(short.buffer, short.byteOffset, SHORT_NONCE_BYTES);
    const high = view.getUint32(0);
    const low = view.getUint32(4);
    if (high < this.#high || (high === this.#high && low <= this.#low)) {
      throw violation("a box that was here before, or comes late", "the next in order");
    }
    this.#high = high;
    this.#low = low;
  }
}
