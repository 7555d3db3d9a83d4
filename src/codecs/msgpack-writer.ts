import { SealwireError } from "../core/model/errors.ts";
import { encodeText, textBytes } from "./msgpack-text.ts";

/** A value with an extension type of its own, already as bytes. */
export interface Extension {
  readonly type: number;
  readonly data: Uint8Array;
}

/** Says what becomes of a value that is no scalar: an extension, or what it plainly is. */
export type ToExtension = (value: unknown) => Extension | undefined;

const INITIAL_BYTES = 2_048;

/**
 * Values as msgpack, each number and length in its shortest form (the msgpack specification, which
 * leaves the choice). One buffer for all; a value written within another, such as the content of
 * an extension, uses what is free behind it.
 */
export class MsgpackWriter {
  readonly #toExtension: ToExtension;
  readonly #maxDepth: number;
  #bytes: Uint8Array = new Uint8Array(INITIAL_BYTES);
  #view: DataView = new DataView(this.#bytes.buffer);
  #at = 0;

  constructor(toExtension: ToExtension, maxDepth: number) {
    this.#toExtension = toExtension;
    this.#maxDepth = maxDepth;
  }

  /** The bytes are the caller's. @throws `INVALID_ARGUMENT` for a value that is nested too deeply */
  encode(value: unknown): Uint8Array {
    return this.#write(value, false);
  }

  /** The bytes are valid until the next call. */
  encodeShared(value: unknown): Uint8Array {
    return this.#write(value, this.#at === 0);
  }

  #write(value: unknown, shared: boolean): Uint8Array {
    const start = this.#at;
    try {
      this.#value(value, 0);
      return shared ? this.#bytes.subarray(start, this.#at) : this.#bytes.slice(start, this.#at);
    } finally {
      this.#at = start;
    }
  }

  #value(value: unknown, depth: number): void {
    if (typeof value === "number") this.#number(value);
    else if (typeof value === "string") this.#text(value);
    else if (value === null || value === undefined) this.#byte(0xc0);
    else if (typeof value === "boolean") this.#byte(value ? 0xc3 : 0xc2);
    else this.#other(value, depth);
  }

  #other(value: unknown, depth: number): void {
    if (depth > this.#maxDepth) throw tooDeep();
    const extension = this.#toExtension(value);
    if (extension) this.#extension(extension);
    else if (Array.isArray(value)) this.#array(value, depth);
    else if (ArrayBuffer.isView(value)) this.#binary(value as Uint8Array);
    else this.#map(Object(value), depth);
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
    const at = this.#grow(9);
    const [head, bytes] = value >= -0x80 ? [0xd0, 1] : value >= -0x8000 ? [0xd1, 2] : [0xd2, 4];
    if (value < -0x80000000) {
      this.#bytes[at] = 0xd3;
      this.#view.setInt32(at + 1, Math.floor(value / 0x100000000));
      this.#view.setUint32(at + 5, value);
      return;
    }
    this.#bytes[at] = head;
    if (bytes === 1) this.#view.setInt8(at + 1, value);
    else if (bytes === 2) this.#view.setInt16(at + 1, value);
    else this.#view.setInt32(at + 1, value);
    this.#at = at + 1 + bytes;
  }

  #text(text: string): void {
    const length = textBytes(text);
    if (length < 0x20) this.#byte(0xa0 + length);
    else this.#sized(0xd9, length);
    const at = this.#grow(length);
    encodeText(text, this.#bytes, at);
  }

  #array(array: readonly unknown[], depth: number): void {
    this.#container(0x90, 0xdc, array.length);
    // Not `for of`: holes count, and an array that grows meanwhile must not.
    for (let at = 0, { length } = array; at < length; at++) this.#value(array[at], depth + 1);
  }

  #map(object: Readonly<Record<string, unknown>>, depth: number): void {
    const keys = Object.keys(object);
    const values: unknown[] = [];
    let kept = 0;
    // Looked at once: a getter may give another value each time.
    for (const key of keys) if (values.push(object[key]) && values.at(-1) !== undefined) kept++;
    this.#container(0x80, 0xde, kept);
    for (let at = 0; at < keys.length; at++) {
      const value = values[at];
      if (value === undefined) continue;
      this.#text(keys[at] ?? "");
      this.#value(value, depth + 1);
    }
  }

  #container(short: number, long: number, count: number): void {
    if (count < 0x10) this.#byte(short + count);
    // Containers have no head for one byte of length.
    else if (count < 0x100) {
      const at = this.#grow(3);
      this.#bytes[at] = long;
      this.#view.setUint16(at + 1, count);
    } else this.#sized(long - 1, count);
  }

  #binary(bytes: Uint8Array): void {
    this.#sized(0xc4, bytes.length);
    this.#raw(bytes);
  }

  #extension({ type, data }: Extension): void {
    const { length } = data;
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

  /** Makes room behind what is written, and takes it; gives where it begins. */
  #grow(count: number): number {
    const at = this.#at;
    this.#at = at + count;
    if (this.#at > this.#bytes.length) {
      const larger = new Uint8Array(this.#at * 2);
      larger.set(this.#bytes.subarray(0, at));
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }
}

function tooDeep(): SealwireError {
  return new SealwireError(
    "INVALID_ARGUMENT",
    "the value is nested too deeply or contains itself; send a flatter value or raise maxDepth",
  );
}
