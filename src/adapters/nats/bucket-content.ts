import { Reader } from "../../bytes/reader.ts";
import { decodeUtf8, encodeUtf8 } from "../../bytes/text.ts";
import { SealwireError } from "../../core/model/errors.ts";

/** What is sealed into one message of a bucket; without a value it says that the key is deleted. */
export interface BucketContent {
  readonly key: string;
  readonly value?: Uint8Array;
}

const PUT = 1;
const DELETED = 2;
/** The longest key, as in stores on disk. */
const MAX_KEY_LENGTH = 600;

/**
 * A key as bytes.
 *
 * @throws `TOO_LARGE` for one that is too long, `INVALID_ARGUMENT` for one that is no text
 */
export function keyBytes(key: string): Uint8Array {
  if (key.length > MAX_KEY_LENGTH) {
    const message = `a key has ${key.length} characters, and may have ${MAX_KEY_LENGTH}`;
    throw new SealwireError("TOO_LARGE", message);
  }
  const bytes = encodeUtf8(key);
  // Half a character would be kept as another key than was asked for.
  if (decodeUtf8(bytes) === key) return bytes;
  throw new SealwireError("INVALID_ARGUMENT", "a key holds half a character; it must be text");
}

/** A key as bytes and its value, which stands at the end; without one it is deleted. */
export function contentBytes(key: Uint8Array, value: Uint8Array | undefined): Uint8Array {
  const bytes = new Uint8Array(3 + key.length + (value?.length ?? 0));
  bytes[0] = value ? PUT : DELETED;
  bytes[1] = key.length >> 8;
  bytes[2] = key.length;
  bytes.set(key, 3);
  if (value) bytes.set(value, 3 + key.length);
  return bytes;
}

/** `undefined` for what a newer version may have written. */
export function contentFrom(bytes: Uint8Array): BucketContent | undefined {
  try {
    const fields = new Reader(bytes);
    const kind = fields.uint8();
    const key = decodeUtf8(fields.bytes(fields.uint16()));
    if (key === undefined || (kind !== PUT && kind !== DELETED)) return undefined;
    return kind === PUT ? { key, value: fields.bytes(fields.remaining) } : { key };
  } catch {
    return undefined;
  }
}
