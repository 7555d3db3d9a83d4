import { EXTENSION, holdsArray, MAX_BIGINT_BYTES } from "./extension-types.ts";
import { KIND, KINDS, LENGTH_BYTES, SIZE } from "./msgpack-heads.ts";
import type { MsgpackLimits } from "./msgpack-limits.ts";
import { malformed, tooLarge, truncated } from "./msgpack-refusals.ts";
import { wellFormedText } from "./utf8.ts";

/**
 * Walks msgpack bytes from head to head, without recursion and without making a single object, to
 * find out if decoding them is safe: one well-formed value with an exact end, within the limits,
 * every container no larger than the bytes that are left, only known extension types, only strings
 * as keys, no `__proto__`, no integer that a number cannot hold exactly. Reusable, not reentrant.
 */
export class Skimmer {
  readonly #limits: Required<MsgpackLimits>;
  /** For each open level: values still to come, */
  readonly #left: Int32Array;
  /** whether these alternate between keys and values, */
  readonly #keyed: Uint8Array;
  /** and where the level must end; -1 for "wherever its values end". */
  readonly #ends: Int32Array;
  #bytes: Uint8Array = new Uint8Array(0);
  #pos = 0;
  #level = 0;
  #items = 0;
  #richValues = 0;

  constructor(limits: Required<MsgpackLimits>) {
    // An extension that holds an array opens a level of its own beside that of the array.
    const levels = 2 * limits.maxDepth + 2;
    this.#limits = limits;
    this.#left = new Int32Array(levels);
    this.#keyed = new Uint8Array(levels);
    this.#ends = new Int32Array(levels);
  }

  /** @throws `PROTOCOL_VIOLATION` for malformed bytes, `TOO_LARGE` beyond a limit. */
  check(bytes: Uint8Array): void {
    this.#start(bytes);
    while (this.#level >= 0) this.#run(bytes);
    if (this.#pos !== bytes.length) throw malformed("has bytes after its end");
  }

  /** Values of one level, until it is complete or a deeper one opens. The hottest loop. */
  #run(bytes: Uint8Array): void {
    const level = this.#level;
    const keyed = this.#keyed[level] === 1;
    let due = this.#left[level] ?? 0;
    let pos = this.#pos;
    for (; due > 0; due--) {
      const head = bytes[pos++];
      if (head === undefined) throw truncated();
      const key = keyed && (due & 1) === 0;
      if (!key && (head < 0x80 || head >= 0xe0)) continue;
      this.#pos = pos;
      if (key) this.#key(head);
      else if ((head & 0xe0) === 0xa0) this.#shortText(head & 0x1f);
      else {
        this.#left[level] = due - 1;
        this.#value(head);
        if (this.#level !== level) return;
      }
      pos = this.#pos;
    }
    this.#pos = pos;
    this.#close(level);
  }

  #start(bytes: Uint8Array): void {
    if (bytes.length > this.#limits.maxBytes) {
      throw tooLarge("message", bytes.length, "maxBytes", this.#limits.maxBytes);
    }
    this.#bytes = bytes;
    this.#pos = 0;
    this.#level = 0;
    this.#items = 1;
    this.#richValues = 0;
    this.#left[0] = 1;
    this.#keyed[0] = 0;
    this.#ends[0] = -1;
  }

  #close(level: number): void {
    const end = this.#ends[level];
    if (end !== -1 && end !== this.#pos) throw malformed("has an extension with a wrong length");
    this.#level = level - 1;
  }

  #key(head: number): void {
    if (KIND[head] !== KINDS.STRING) throw malformed("has a map key that is not a string");
    const length = this.#length(head);
    this.#text(length);
    if (length === 9 && isProto(this.#bytes, this.#pos - 9)) {
      throw malformed("has the map key __proto__, which could change what an object is");
    }
  }

  /** Names and words: short, and nearly always ASCII. */
  #shortText(length: number): void {
    const bytes = this.#bytes;
    const end = this.#pos + length;
    let i = this.#pos;
    while (i < end && (bytes[i] ?? 0x80) < 0x80) i++;
    if (i < end || length > this.#limits.maxStringBytes) this.#text(length);
    else this.#pos = end;
  }

  #value(head: number): void {
    switch (KIND[head]) {
      case KINDS.SCALAR:
        this.#skip(SIZE[head] ?? 0);
        return;
      case KINDS.STRING:
        this.#text(this.#length(head));
        return;
      case KINDS.ARRAY:
        this.#open(this.#length(head), 1);
        return;
      case KINDS.MAP:
        this.#open(this.#length(head), 2);
        return;
      case KINDS.BINARY:
        this.#binary(this.#length(head));
        return;
      case KINDS.EXTENSION:
        this.#extension(this.#length(head));
        return;
      case KINDS.INT64:
        this.#int64(head);
        return;
      default:
        throw malformed("has the byte 0xc1, which msgpack does not use");
    }
  }

  #open(count: number, each: 1 | 2): void {
    const values = count * each;
    this.#items += values;
    if (values > this.#bytes.length - this.#pos) throw truncated();
    if (this.#items > this.#limits.maxItems) {
      throw tooLarge("message", this.#items, "maxItems", this.#limits.maxItems, "values");
    }
    this.#push(values, each - 1, -1);
  }

  #push(values: number, keyed: number, end: number): void {
    const level = this.#level + 1;
    if (level > this.#limits.maxDepth) {
      throw malformed(`is nested deeper than maxDepth (${this.#limits.maxDepth}) allows`);
    }
    this.#level = level;
    this.#left[level] = values;
    this.#keyed[level] = keyed;
    this.#ends[level] = end;
  }

  #text(length: number): void {
    const start = this.#pos;
    this.#skip(length);
    if (length > this.#limits.maxStringBytes) {
      throw tooLarge("string", length, "maxStringBytes", this.#limits.maxStringBytes);
    }
    if (!wellFormedText(this.#bytes, start, start + length)) {
      throw malformed("has a string that is not UTF-8");
    }
  }

  #binary(length: number): void {
    this.#skip(length);
    if (length > this.#limits.maxBinaryBytes) {
      throw tooLarge("binary", length, "maxBinaryBytes", this.#limits.maxBinaryBytes);
    }
  }

  #extension(length: number): void {
    const type = ((this.#bytes[this.#pos] ?? 0) << 24) >> 24;
    this.#skip(1);
    if (!holdsArray(type)) {
      this.#opaque(type, length);
      return;
    }
    const end = this.#pos + length;
    if (end > this.#bytes.length) throw truncated();
    if (KIND[this.#bytes[this.#pos] ?? 0] !== KINDS.ARRAY || length === 0) {
      throw malformed(`has an extension of type ${type} without its array`);
    }
    if (++this.#richValues > this.#limits.maxRichValues) {
      const { maxRichValues } = this.#limits;
      throw tooLarge("message", this.#richValues, "maxRichValues", maxRichValues, "rich values");
    }
    this.#push(1, 0, end);
  }

  #opaque(type: number, length: number): void {
    const known =
      type === EXTENSION.DATE ||
      type === EXTENSION.BIGINT ||
      type === EXTENSION.BUFFER ||
      type === EXTENSION.ATTACHMENT ||
      type === EXTENSION.TYPED_ARRAY;
    if (!known) throw malformed(`has an extension of the unknown type ${type}`);
    if (type === EXTENSION.BIGINT && length > MAX_BIGINT_BYTES) {
      throw tooLarge("bigint", length, "the limit", MAX_BIGINT_BYTES);
    }
    this.#binary(length);
  }

  #int64(head: number): void {
    const start = this.#pos;
    this.#skip(8);
    let high = 0;
    for (let i = start; i < start + 4; i++) high = (high << 8) | (this.#bytes[i] ?? 0);
    // Safe integers have 21 bits in the upper half, all of them copies of the sign above.
    const fits = head === 0xcf ? high >>> 21 === 0 : high >> 21 === 0 || high >> 21 === -1;
    if (!fits) throw malformed("has an integer beyond 2^53; such numbers travel as bigint");
  }

  #length(head: number): number {
    const bytes = LENGTH_BYTES[head] ?? 0;
    if (bytes === 0) return SIZE[head] ?? 0;
    const start = this.#pos;
    this.#skip(bytes);
    let length = 0;
    for (let i = start; i < this.#pos; i++) length = length * 256 + (this.#bytes[i] ?? 0);
    return length;
  }

  #skip(count: number): void {
    this.#pos += count;
    if (this.#pos > this.#bytes.length) throw truncated();
  }
}

function isProto(bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < PROTO.length; i++) if (bytes[start + i] !== PROTO[i]) return false;
  return true;
}

const PROTO: readonly number[] = Object.freeze([..."__proto__"].map((c) => c.charCodeAt(0)));
