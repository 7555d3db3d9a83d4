import { SealwireError } from "../core/model/errors.ts";
import { type Aead, type CryptoProvider, KEY_BYTES, NONCE_BYTES, TAG_BYTES } from "./provider.ts";

/**
 * One direction of a sealed connection: a key and the count of records sealed with it (Noise
 * revision 34, section 5.1). The count is the nonce and is never sent, so a lost, repeated or
 * reordered record does not open.
 */
export class CipherState {
  readonly #provider: CryptoProvider;
  readonly #nonce = new Uint8Array(NONCE_BYTES);
  #key: Uint8Array;
  #aead: Aead;
  #count: number;

  /**
   * Takes `key` (32 bytes) as its own and wipes it when it is replaced. `count`: how many records
   * it has sealed or opened before.
   */
  constructor(provider: CryptoProvider, key: Uint8Array, count = 0) {
    this.#count = count;
    this.#provider = provider;
    this.#key = key;
    this.#aead = provider.aead(key);
  }

  /** How many records this key has sealed or opened. */
  get nonce(): number {
    return this.#count;
  }

  /**
   * Seals the next record into `out` (`plaintext.length + 16` bytes).
   *
   * @throws `RECORD_REJECTED` when the count has reached its end
   */
  seal(ad: Uint8Array, plaintext: Uint8Array, out: Uint8Array): void {
    this.#aead.seal(this.#nextNonce(), ad, plaintext, out);
    this.#count++;
  }

  /**
   * Opens the next record into `out` (`sealed.length - 16` bytes), which may be the beginning of
   * `sealed`. A record that does not open is not counted, but the connection should be closed.
   *
   * @throws `RECORD_REJECTED` when it was not the next record of this key
   */
  open(ad: Uint8Array, sealed: Uint8Array, out: Uint8Array): void {
    this.#aead.open(this.#nextNonce(), ad, sealed, out);
    this.#count++;
  }

  /**
   * Goes on with a key made from this one, from which this one cannot be found again (sections
   * 4.2 and 11.3). The count goes on; the other end must do the same at the same record.
   */
  rekey(): void {
    const made = new Uint8Array(KEY_BYTES + TAG_BYTES);
    this.#aead.seal(REKEY_NONCE, NOTHING, ZEROS, made);
    this.#replace(made.slice(0, KEY_BYTES));
    made.fill(0);
  }

  /** Goes on with another key, taken as its own, and counts from zero. */
  setKey(key: Uint8Array): void {
    this.#replace(key);
    this.#count = 0;
  }

  /** Wipes the key as far as the language allows; afterwards nothing can be sealed or opened. */
  wipe(): void {
    this.#key.fill(0);
    this.#count = Number.MAX_SAFE_INTEGER;
  }

  #replace(key: Uint8Array): void {
    this.#aead = this.#provider.aead(key);
    this.#key.fill(0);
    this.#key = key;
  }

  /** Four zero bytes and the count in 64 bits, lowest byte first (section 12.3). */
  #nextNonce(): Uint8Array {
    const count = this.#count;
    if (count >= Number.MAX_SAFE_INTEGER) throw usedUp();
    const nonce = this.#nonce;
    nonce[4] = count;
    nonce[5] = count >>> 8;
    nonce[6] = count >>> 16;
    nonce[7] = count >>> 24;
    const high = Math.floor(count / 2 ** 32);
    nonce[8] = high;
    nonce[9] = high >>> 8;
    nonce[10] = high >>> 16;
    return nonce;
  }
}

const NOTHING: Uint8Array = new Uint8Array();
const ZEROS: Uint8Array = new Uint8Array(KEY_BYTES);
/** The highest nonce, which no record can have. */
const REKEY_NONCE: Uint8Array = Uint8Array.of(0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255);

function usedUp(): SealwireError {
  return new SealwireError(
    "RECORD_REJECTED",
    "this key has sealed as many records as it may; make a new connection",
  );
}
