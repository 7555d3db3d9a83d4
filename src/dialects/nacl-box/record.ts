import { BOX_NONCE_BYTES, type BoxCrypto } from "../../crypto/box.ts";
import { TAG_BYTES } from "../../crypto/provider.ts";
import { randomBytes } from "../../crypto/random.ts";
import { base64Length, writeBase64 } from "./base64.ts";
import { malformed, NOT_OPENED } from "./errors.ts";

/** What seals: the primitives, and where nonces come from. */
export interface Sealing {
  readonly crypto: BoxCrypto;
  /** 24 bytes, never the same twice. Only recordings that are played again bring others. */
  readonly nonce: () => Uint8Array;
}

/** Seals with random nonces, which 24 bytes are enough for. */
export function sealingWith(crypto: BoxCrypto): Sealing {
  // Asking the platform costs more than the bytes do, so they are taken for many boxes at once.
  let stock: Uint8Array = new Uint8Array(0);
  let used = 0;
  const nonce = () => {
    if (used === stock.length) {
      stock = randomBytes(NONCES_AT_ONCE * BOX_NONCE_BYTES);
      used = 0;
    }
    used += BOX_NONCE_BYTES;
    return stock.subarray(used - BOX_NONCE_BYTES, used);
  };
  return { crypto, nonce };
}

const NONCES_AT_ONCE = 128;

/** A nonce and the box under it, as they travel: in base64. */
export function sealRecord(sealing: Sealing, key: Uint8Array, plain: Uint8Array): Uint8Array {
  const out = new Uint8Array(recordLength(plain.length));
  writeRecord(sealing, key, plain, out, 0);
  return out;
}

/** How many letters the record of so many bytes has. */
export function recordLength(plainBytes: number): number {
  return base64Length(BOX_NONCE_BYTES + TAG_BYTES + plainBytes);
}

/** Writes a record at a place of `out`. */
export function writeRecord(
  { crypto, nonce }: Sealing,
  key: Uint8Array,
  plain: Uint8Array,
  out: Uint8Array,
  at: number,
): void {
  const fresh = nonce();
  writeBase64(fresh, out, at);
  // A nonce is whole threes of bytes, so that the letters of the box follow without a seam.
  writeBase64(crypto.sealBox(key, fresh, plain), out, at + base64Length(BOX_NONCE_BYTES));
}

/** The nonce of a record. @throws `PROTOCOL_VIOLATION` when it is shorter, in PyNaCl's words */
export function nonceOf(record: Uint8Array): Uint8Array {
  if (record.length >= BOX_NONCE_BYTES) return record.subarray(0, BOX_NONCE_BYTES);
  throw malformed(`The nonce must be exactly ${BOX_NONCE_BYTES} bytes long`);
}

/** What a record holds. @throws `PROTOCOL_VIOLATION` when it does not open, in PyNaCl's words */
export function openRecord(crypto: BoxCrypto, key: Uint8Array, record: Uint8Array): Uint8Array {
  const plain = crypto.openBox(key, nonceOf(record), record.subarray(BOX_NONCE_BYTES));
  if (plain) return plain;
  throw malformed(NOT_OPENED);
}
