import { decodeText } from "./msgpack-text.ts";

/** What an extension stands for. */
export type FromExtension = (data: Uint8Array, type: number) => unknown;

/** Keys are remembered up to this length, */
const MAX_KEPT_KEY = 16;
/** and so many of them, each at the place that its bytes give. */
const KEPT_KEYS = 256;

/**
 * Msgpack as values. Reads only what `Skimmer` has passed: nothing is checked again. Bytes are
 * views of those that are read.
 */
export class MsgpackReader {
  readonly #fromExtension: FromExtension;
  readonly #keys: (string | undefined)[] = [];
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(this.#bytes.buffer);
  #at = 0;

  constructor(fromExtension: FromExtension) {
    this.#fromExtension = fromExtension;
  }

  /** May be called again while it reads, for what lies within an extension. */
  decode(bytes: Uint8Array): unknown {
    const [outer, view, at] = [this.#bytes, this.#view, this.#at];
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = 0;
    try {
      return this.#value();
    } finally {
      [this.#bytes, this.#view, this.#at] = [outer, view, at];
    }
  }

  #value(): unknown {
    const head = this.#bytes[this.#at++] ?? 0;
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
    if (head < 0xc4) return head === 0xc0 ? null : head === 0xc3;
    if (head < 0xc7) return this.#raw(this.#unsigned(1 << (head - 0xc4)));
    if (head < 0xca) return this.#extension(this.#unsigned(1 << (head - 0xc7)));
    if (head < 0xcc) return this.#float(head);
    if (head < 0xd0) return this.#unsigned(1 << (head - 0xcc));
    return this.#signed(head);
  }

  #float(head: number): number {
    const at = this.#at;
    this.#at += head === 0xca ? 4 : 8;
    return head === 0xca ? this.#view.getFloat32(at) : this.#view.getFloat64(at);
  }

  #unsigned(bytes: number): number {
    const at = this.#at;
    this.#at += bytes;
    if (bytes === 1) return this.#bytes[at] ?? 0;
    if (bytes === 2) return this.#view.getUint16(at);
    if (bytes === 4) return this.#view.getUint32(at);
    return this.#view.getUint32(at) * 0x100000000 + this.#view.getUint32(at + 4);
  }

  #signed(head: number): number {
    const at = this.#at;
    this.#at += 1 << (head - 0xd0);
    if (head === 0xd0) return this.#view.getInt8(at);
    if (head === 0xd1) return this.#view.getInt16(at);
    if (head === 0xd2) return this.#view.getInt32(at);
    return this.#view.getInt32(at) * 0x100000000 + this.#view.getUint32(at + 4);
  }

  #text(length: number): string {
    const at = this.#at;
    this.#at += length;
    return decodeText(this.#bytes, at, this.#at);
  }

  #array(length: number): unknown[] {
    const array: unknown[] = new Array(length);
    for (let at = 0; at < length; at++) array[at] = this.#value();
    return array;
  }

  #map(count: number): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    for (let left = count; left > 0; left--) {
      const head = this.#bytes[this.#at++] ?? 0;
      const key = this.#key(head < 0xc0 ? head & 0x1f : this.#unsigned(1 << (head - 0xd9)));
      object[key] = this.#value();
    }
    return object;
  }

  /** The same few keys come again and again: they are found instead of made. */
  #key(length: number): string {
    if (length === 0 || length > MAX_KEPT_KEY) return this.#text(length);
    const bytes = this.#bytes;
    const start = this.#at;
    const first = bytes[start] ?? 0;
    const last = bytes[start + length - 1] ?? 0;
    const place = (length * 31 + first * 7 + last * 13) % KEPT_KEYS;
    const kept = this.#keys[place];
    if (kept !== undefined && kept.length === length) {
      let same = 0;
      while (same < length && kept.charCodeAt(same) === bytes[start + same]) same++;
      if (same === length) {
        this.#at = start + length;
        return kept;
      }
    }
    const key = this.#text(length);
    // One unit for each byte: it is ASCII, and can be compared byte by byte.
    if (key.length === length) this.#keys[place] = key;
    return key;
  }

  #raw(length: number): Uint8Array {
    const at = this.#at;
    this.#at += length;
    return this.#bytes.subarray(at, this.#at);
  }

  #extension(length: number): unknown {
    const type = this.#view.getInt8(this.#at++);
    return this.#fromExtension(this.#raw(length), type);
  }
}
