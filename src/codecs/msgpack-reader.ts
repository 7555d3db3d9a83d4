import { EXTENSION_BIGINT, holdsArray, isExtension, MAX_BIGINT_BYTES } from "./extension-types.ts";
import type { ForeignValues } from "./foreign-values.ts";
import type { MsgpackLimits } from "./msgpack-limits.ts";
import { malformed, tooLarge, truncated } from "./msgpack-refusals.ts";
import { decodeText } from "./msgpack-text.ts";
import { wellFormedText } from "./utf8.ts";

/** What extensions stand for: those of bytes, and those that hold an array. */
export interface FromExtension {
  fromBytes(data: Uint8Array, type: number): unknown;
  fromArray(array: readonly unknown[], type: number): unknown;
}

/** Keys are remembered up to this length, */
const MAX_KEPT_KEY = 16;
/** and so many of them, each at the place that its bytes give. */
const KEPT_KEYS = 256;

/**
 * Msgpack as values: one well-formed value with an exact end, within the limits, no container
 * larger than the bytes that are left, only known extension types, only strings as keys, no
 * `__proto__`, no integer that a number cannot hold exactly. Whatever is claimed is checked before
 * memory is taken for it. Bytes are views of those that are read. Not reentrant.
 */
export class MsgpackReader {
  readonly #limits: Required<MsgpackLimits>;
  readonly #extensions: FromExtension;
  readonly #foreign: ForeignValues | undefined;
  readonly #keys: (string | undefined)[] = [];
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(this.#bytes.buffer);
  #at = 0;
  #end = 0;
  #depth = 0;
  #items = 0;
  #richValues = 0;

  constructor(limits: Required<MsgpackLimits>, extensions: FromExtension, foreign?: ForeignValues) {
    this.#limits = limits;
    this.#extensions = extensions;
    this.#foreign = foreign;
  }

  /** @throws `PROTOCOL_VIOLATION` for malformed bytes, `TOO_LARGE` beyond a limit */
  decode(bytes: Uint8Array): unknown {
    const { maxBytes } = this.#limits;
    if (bytes.length > maxBytes) throw tooLarge("message", bytes.length, "maxBytes", maxBytes);
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = 0;
    this.#end = bytes.length;
    this.#depth = 0;
    this.#items = 1;
    this.#richValues = 0;
    const value = this.#value();
    if (this.#at !== bytes.length) throw malformed("has bytes after its end");
    return value;
  }

  #value(): unknown {
    const head = this.#bytes[this.#take(1)] ?? 0;
    if (head < 0x80) return head;
    if (head >= 0xe0) return head - 0x100;
    if (head < 0x90) return this.#map(head & 0x0f);
    if (head < 0xa0) return this.#array(head & 0x0f);
    if (head < 0xc0) return this.#text(head & 0x1f);
    if (head >= 0xd9) return this.#longer(head);
    if (head >= 0xd4) return this.#extension(1 << (head - 0xd4));
    return this.#scalarOrBytes(head);
  }

  #longer(head: number): unknown {
    if (head < 0xdc) return this.#text(this.#unsigned(1 << (head - 0xd9)));
    if (head < 0xde) return this.#array(this.#unsigned(2 << (head - 0xdc)));
    return this.#map(this.#unsigned(2 << (head - 0xde)));
  }

  #scalarOrBytes(head: number): unknown {
    if (head === 0xc1) throw malformed("has the byte 0xc1, which msgpack does not use");
    if (head < 0xc4) return head === 0xc0 ? null : head === 0xc3;
    if (head < 0xc7) return this.#binary(this.#unsigned(1 << (head - 0xc4)));
    if (head < 0xca) return this.#extension(this.#unsigned(1 << (head - 0xc7)));
    if (head === 0xca) return this.#view.getFloat32(this.#take(4));
    if (head === 0xcb) return this.#view.getFloat64(this.#take(8));
    if (this.#foreign && (head & 3) === 3) return this.#foreignInteger(head, this.#foreign);
    return head < 0xd0 ? this.#unsigned(1 << (head - 0xcc)) : this.#signed(head);
  }

  #unsigned(bytes: number): number {
    const at = this.#take(bytes);
    if (bytes === 1) return this.#bytes[at] ?? 0;
    if (bytes === 2) return this.#view.getUint16(at);
    if (bytes === 4) return this.#view.getUint32(at);
    return joined(this.#view.getUint32(at), this.#view.getUint32(at + 4));
  }

  #signed(head: number): number {
    const at = this.#take(1 << (head - 0xd0));
    if (head === 0xd0) return this.#view.getInt8(at);
    if (head === 0xd1) return this.#view.getInt16(at);
    if (head === 0xd2) return this.#view.getInt32(at);
    return joined(this.#view.getInt32(at), this.#view.getUint32(at + 4));
  }

  #foreignInteger(head: number, foreign: ForeignValues): unknown {
    const at = this.#take(8);
    const high = head === 0xd3 ? this.#view.getInt32(at) : this.#view.getUint32(at);
    return foreign.integer(high, this.#view.getUint32(at + 4));
  }

  #text(length: number): string {
    const { maxStringBytes } = this.#limits;
    const at = this.#take(length);
    if (length > maxStringBytes) throw tooLarge("string", length, "maxStringBytes", maxStringBytes);
    if (!wellFormedText(this.#bytes, at, this.#at))
      throw malformed("has a string that is not UTF-8");
    return decodeText(this.#bytes, at, this.#at);
  }

  #array(length: number): unknown[] {
    this.#open(length);
    const array: unknown[] = new Array(length);
    for (let at = 0; at < length; at++) array[at] = this.#value();
    this.#depth -= 1;
    return array;
  }

  #map(count: number): Record<string, unknown> {
    this.#open(2 * count);
    const object: Record<string, unknown> = {};
    for (let left = count; left > 0; left--) {
      const key = this.#key();
      object[key] = this.#value();
    }
    this.#depth -= 1;
    return object;
  }

  #open(values: number): void {
    const { maxItems } = this.#limits;
    this.#items += values;
    // Each value has a byte at least.
    if (values > this.#end - this.#at) throw truncated();
    if (this.#items > maxItems)
      throw tooLarge("message", this.#items, "maxItems", maxItems, "values");
    this.#deeper();
  }

  #deeper(): void {
    const { maxDepth } = this.#limits;
    if (++this.#depth > maxDepth) {
      throw malformed(`is nested deeper than maxDepth (${maxDepth}) allows`);
    }
  }

  #key(): string {
    const head = this.#bytes[this.#take(1)] ?? 0;
    if (head >= 0xa0 && head < 0xc0) return this.#keptKey(head & 0x1f);
    if (head >= 0xd9 && head <= 0xdb) return this.#keptKey(this.#unsigned(1 << (head - 0xd9)));
    if (!this.#foreign || head < 0xc4 || head > 0xc6) {
      throw malformed("has a map key that is not a string");
    }
    return this.#foreign.key(this.#binary(this.#unsigned(1 << (head - 0xc4))));
  }

  /** The same few keys come again and again: they are found instead of made. */
  #keptKey(length: number): string {
    const start = this.#at;
    if (length === 0 || length > MAX_KEPT_KEY || length > this.#end - start) {
      return this.#text(length);
    }
    const bytes = this.#bytes;
    const first = bytes[start] ?? 0;
    const last = bytes[start + length - 1] ?? 0;
    const place = (length * 31 + first * 7 + last * 13) % KEPT_KEYS;
    const kept = this.#keys[place];
    if (kept !== undefined && isThere(kept, bytes, start, length)) {
      this.#at = start + length;
      return kept;
    }
    const key = this.#text(length);
    if (key === "__proto__") {
      throw malformed("has the map key __proto__");
    }
    // One unit for each byte: it is ASCII, and can be compared byte by byte.
    if (key.length === length) this.#keys[place] = key;
    return key;
  }

  #binary(length: number): Uint8Array {
    const { maxBinaryBytes } = this.#limits;
    const at = this.#take(length);
    if (length > maxBinaryBytes) throw tooLarge("binary", length, "maxBinaryBytes", maxBinaryBytes);
    return this.#bytes.subarray(at, this.#at);
  }

  #extension(length: number): unknown {
    const type = this.#view.getInt8(this.#take(1));
    if (this.#foreign) return this.#foreign.extension(type, this.#binary(length));
    if (holdsArray(type)) return this.#extensions.fromArray(this.#within(type, length), type);
    if (!isExtension(type)) throw malformed(`has an extension of the unknown type ${type}`);
    if (type === EXTENSION_BIGINT && length > MAX_BIGINT_BYTES) {
      throw tooLarge("bigint", length, "the limit", MAX_BIGINT_BYTES);
    }
    return this.#extensions.fromBytes(this.#binary(length), type);
  }

  /** The array of an extension, which ends exactly where the extension does. */
  #within(type: number, length: number): readonly unknown[] {
    const { maxRichValues } = this.#limits;
    const end = this.#at + length;
    const outer = this.#end;
    if (end > outer) throw truncated();
    if (++this.#richValues > maxRichValues) {
      throw tooLarge("message", this.#richValues, "maxRichValues", maxRichValues, "rich values");
    }
    this.#deeper();
    this.#end = end;
    const array = this.#value();
    if (!Array.isArray(array))
      throw malformed(`has an extension of type ${type} without its array`);
    if (this.#at !== end) throw malformed("has an extension with a wrong length");
    this.#end = outer;
    this.#depth -= 1;
    return array;
  }

  /** Goes past so many bytes; gives where they begin. */
  #take(count: number): number {
    const at = this.#at;
    if (count > this.#end - at) throw truncated();
    this.#at = at + count;
    return at;
  }
}

function isThere(key: string, bytes: Uint8Array, start: number, length: number): boolean {
  if (key.length !== length) return false;
  for (let at = 0; at < length; at++) if (key.charCodeAt(at) !== bytes[start + at]) return false;
  return true;
}

/** Numbers are exact up to 2^53, that is with 21 bits in the upper half; others would be changed. */
function joined(high: number, low: number): number {
  if (high < 2 ** 21 && high >= -(2 ** 21)) return high * 2 ** 32 + low;
  throw malformed("has an integer beyond 2^53; such numbers travel as bigint");
}
