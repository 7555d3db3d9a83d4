import { Reader } from "../../bytes/reader.ts";
import { decodeUtf8, encodeUtf8 } from "../../bytes/text.ts";
import { Writer } from "../../bytes/writer.ts";
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

/** @throws `TOO_LARGE` for a key that is too long, `INVALID_ARGUMENT` for one that is no text */
export function contentBytes({ key, value }: BucketContent): Uint8Array {
  const name = encodeUtf8(checkedKey(key));
  const fields = new Writer({ initialBytes: 3 + name.length + (value?.length ?? 0) });
  fields
    .uint8(value ? PUT : DELETED)
    .uint16(name.length)
    .bytes(name);
  return value ? fields.bytes(value).finish() : fields.finish();
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

function checkedKey(key: string): string {
  if (key.length > MAX_KEY_LENGTH) {
    const message = `a key has ${key.length} characters, and may have ${MAX_KEY_LENGTH}`;
    throw new SealwireError("TOO_LARGE", message);
  }
  // Half a character would be kept as another key than was asked for.
  if (decodeUtf8(encodeUtf8(key)) === key) return key;
  throw new SealwireError("INVALID_ARGUMENT", "a key holds half a character; it must be text");
}
