import { holdsArray } from "./extension-types.ts";
import type { MsgpackLimits } from "./msgpack-limits.ts";
import { protoKey, tooDeep, tooLarge } from "./msgpack-refusals.ts";
import { encodeText, textBytes } from "./msgpack-text.ts";

/** A value with an extension type of its own, already as bytes; without a type, already msgpack. */
export interface Extension {
  readonly type?: number;
  readonly data: Uint8Array;
}

/** Says what becomes of a value that is no scalar: an extension, or what it plainly is. */
export type ToExtension = (value: unknown) => Extension | undefined;

const INITIAL_BYTES = 2_048;

/**
 * Values as msgpack, each number and length in its shortest form (the msgpack specification, which
 * leaves the choice). Keeps the limits that a reader keeps, so that what it writes can be read.
 * One buffer for all; a value written within another, such as the content of an extension, uses
 * what is free behind it.
 */
export class MsgpackWriter {
  readonly #limits: Required<MsgpackLimits>;
  readonly #toExtension: ToExtension;
  #bytes: Uint8Array = new Uint8Array(INITIAL_BYTES);
  #view: DataView = new DataView(this.#bytes.buffer);
  #at = 0;
  #depth = 0;
  #items = 0;

  constructor(limits: Required<MsgpackLimits>, toExtension: ToExtension) {
    this.#limits = limits;
    this.#toExtension = toExtension;
  }

  /**
   * The bytes are valid until the next call.
   *
   * @throws `INVALID_ARGUMENT` for what cannot travel, `TOO_LARGE` beyond a limit
   */
  encode(value: unknown): Uint8Array {
    const [start, depth, items] = [this.#at, this.#depth, this.#items];
    [this.#depth, this.#items] = [0, 1];
    try {
      this.#value(value);
      this.#checkBytes(this.#at - start);
      // Called by a getter within a value that is being written: that one goes on at this place.
      if (start > 0) return this.#bytes.slice(start, this.#at);
      return this.#bytes.subarray(0, this.#at);
    } finally {
      [this.#at, this.#depth, this.#items] = [start, depth, items];
    }
  }

  /** A value within the one that is being written. The bytes are the caller's. @throws as `encode` */
  encodeNested(value: unknown): Uint8Array {
    const [start, depth] = [this.#at, this.#depth];
    try {
      this.#deeper();
      this.#value(value);
      return this.#bytes.slice(start, this.#at);
    } finally {
      [this.#at, this.#depth] = [start, depth];
    }
  }

  #value(value: unknown): void {
    if (typeof value === "number") this.#number(value);
    else if (typeof value === "string") this.#text(value);
    else if (value === null || value === undefined) this.#byte(0xc0);
    else if (typeof value === "boolean") this.#byte(value ? 0xc3 : 0xc2);
    else if (Array.isArray(value)) this.#array(value);
    else this.#other(value);
  }

  #other(value: unknown): void {
    const extension = this.#toExtension(value);
    if (extension) this.#extension(extension);
    else if (ArrayBuffer.isView(value)) this.#binary(value as Uint8Array);
    else this.#map(Object(value));
  }

  #number(value: number): void {
    if (!Number.isSafeInteger(value)) {
      const at = this.#grow(9);
      this.#bytes[at] = 0xcb;
      this.#view.setFloat64(at + 1, value);
    } else if (value >= 0) {
      if (value < 0x80) this.#byte(value);
      else this.#sized(0xcc, value);
    } else if (value >= -0x20) this.#byte(value + 0x100);
    else this.#negative(value);
  }

  /** A head and a number in 1, 2, 4 or 8 bytes; the heads for these follow each other. */
  #sized(head: number, value: number): void {
    const at = this.#grow(9);
    if (value < 0x100) {
      this.#bytes[at] = head;
      this.#bytes[at + 1] = value;
      this.#at = at + 2;
    } else if (value < 0x10000) {
      this.#bytes[at] = head + 1;
      this.#view.setUint16(at + 1, value);
      this.#at = at + 3;
    } else if (value < 0x100000000) {
      this.#bytes[at] = head + 2;
      this.#view.setUint32(at + 1, value);
      this.#at = at + 5;
    } else {
      this.#bytes[at] = head + 3;
      this.#view.setUint32(at + 1, Math.floor(value / 0x100000000));
      this.#view.setUint32(at + 5, value);
    }
  }

  #negative(value: number): void {
    if (value >= -0x80) return this.#sized(0xd0, value & 0xff);
    if (value >= -0x8000) return this.#exactly(0xd1, 2, value);
    if (value >= -0x80000000) return this.#exactly(0xd2, 4, value);
    // Grown before the view is looked up: growing makes a new one.
    const at = this.#grow(9);
    this.#bytes[at] = 0xd3;
    this.#view.setInt32(at + 1, Math.floor(value / 0x100000000));
    this.#view.setUint32(at + 5, value);
  }

  #exactly(head: number, bytes: 2 | 4, value: number): void {
    const at = this.#grow(1 + bytes);
    this.#bytes[at] = head;
    if (bytes === 2) this.#view.setInt16(at + 1, value);
    else this.#view.setInt32(at + 1, value);
  }

  #text(text: string): void {
    const length = textBytes(text);
    const most = this.#limits.maxStringBytes;
    if (length > most) throw tooLarge("string", length, "maxStringBytes", most);
    if (length < 0x20) this.#byte(0xa0 + length);
    else this.#sized(0xd9, length);
    const at = this.#grow(length);
    encodeText(text, this.#bytes, at);
  }

  #array(array: readonly unknown[]): void {
    const { length } = array;
    this.#container(0x90, 0xdc, length, length);
    // Holes count, and what grows meanwhile must not.
    for (let at = 0; at < length; at++) this.#value(array[at]);
    this.#depth -= 1;
  }

  #map(object: Readonly<Record<string, unknown>>): void {
    const keys = Object.keys(object);
    const values: unknown[] = [];
    let kept = 0;
    // Looked at once: a getter may give another value each time.
    for (const key of keys) if (values.push(object[key]) && values.at(-1) !== undefined) kept++;
    this.#container(0x80, 0xde, kept, 2 * kept);
    for (let at = 0; at < keys.length; at++) {
      const value = values[at];
      if (value === undefined) continue;
      const key = keys[at] ?? "";
      if (key === "__proto__") throw protoKey();
      this.#text(key);
      this.#value(value);
    }
    this.#depth -= 1;
  }

  #container(short: number, long: number, count: number, items: number): void {
    this.#deeper();
    this.#items += items;
    const { maxItems } = this.#limits;
    if (this.#items > maxItems)
      throw tooLarge("message", this.#items, "maxItems", maxItems, "values");
    if (count < 0x10) this.#byte(short + count);
    // Containers have no head for one byte of length.
    else if (count < 0x100) this.#exactly(long, 2, count);
    else this.#sized(long - 1, count);
  }

  #binary(bytes: Uint8Array): void {
    this.#checkBinary(bytes.length);
    this.#sized(0xc4, bytes.length);
    this.#raw(bytes);
  }

  #extension({ type, data }: Extension): void {
    if (type === undefined) return this.#raw(data);
    const { length } = data;
    if (!holdsArray(type)) this.#checkBinary(length);
    if (length > 0 && length <= 16 && (length & (length - 1)) === 0) {
      this.#byte(0xd4 + Math.log2(length));
    } else this.#sized(0xc7, length);
    this.#byte(type & 0xff);
    this.#raw(data);
  }

  #raw(bytes: Uint8Array): void {
    const at = this.#grow(bytes.length);
    this.#bytes.set(bytes, at);
  }

  #byte(byte: number): void {
    const at = this.#grow(1);
    this.#bytes[at] = byte;
  }

  #deeper(): void {
    if (++this.#depth > this.#limits.maxDepth) throw tooDeep();
  }

  #checkBinary(length: number): void {
    const { maxBinaryBytes } = this.#limits;
    if (length > maxBinaryBytes) throw tooLarge("binary", length, "maxBinaryBytes", maxBinaryBytes);
  }

  #checkBytes(length: number): void {
    const { maxBytes } = this.#limits;
    if (length > maxBytes) throw tooLarge("message", length, "maxBytes", maxBytes);
  }

  /** Makes room behind what is written, and takes it; gives where it begins. */
  #grow(count: number): number {
    const at = this.#at;
    this.#at = at + count;
    if (this.#at > this.#bytes.length) this.#enlarge(at);
    return at;
  }

  #enlarge(written: number): void {
    // Looked at here too, so that what is far too large is not written to its end.
    this.#checkBytes(written - INITIAL_BYTES);
    const larger = new Uint8Array(this.#at * 2);
    larger.set(this.#bytes.subarray(0, written));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
