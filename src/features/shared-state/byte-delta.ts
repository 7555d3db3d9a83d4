import { Reader } from "../../bytes/reader.ts";
import { Writer } from "../../bytes/writer.ts";
import { SealwireError } from "../../core/model/errors.ts";

/** Equal bytes are looked for in pieces of so many; shorter ones are not worth being named. */
const BLOCK_BYTES = 32;
/** What naming a place in the old bytes takes. */
const COPY_BYTES = 12;
/** After so many places without success, as a power of 2, every second one is looked at, and so on. */
const PATIENCE_BITS = 8;
/** Of more bytes than this no places are remembered; beginning and end are compared all the same. */
const MAX_BLOCKS = 262_144;

/**
 * What makes the old bytes the new ones: pieces that are copied, and pieces that are new. Finds what
 * was kept, inserted, removed and moved, in time that grows with the length alone.
 */
export function deltaBetween(before: Uint8Array, after: Uint8Array): Uint8Array {
  const size = { initialBytes: 256, maxBytes: after.length * 2 + 1_024 };
  const writer = new Writer(size).uint32(after.length);
  const begin = sameAtBegin(before, after);
  const end = sameAtEnd(before, after, begin);
  if (begin > 0) writeCopy(writer, 0, begin);
  writeMiddle(writer, before, after, begin, after.length - end);
  if (end > 0) writeCopy(writer, before.length - end, end);
  return writer.finish();
}

/**
 * The new bytes.
 *
 * @throws `PROTOCOL_VIOLATION` for a delta that does not fit these bytes, `TOO_LARGE` for one that
 * makes more than `maxBytes` of them
 */
export function applyDelta(before: Uint8Array, delta: Uint8Array, maxBytes: number): Uint8Array {
  const fields = new Reader(delta);
  const length = fields.uint32();
  if (length > maxBytes) throw tooLarge(length, maxBytes);
  const after = new Uint8Array(length);
  let at = 0;
  while (at < length) {
    const from = fields.uint32();
    const count = fields.uint32();
    const added = fields.uint32();
    if (from + count > before.length || at + count + added > length) throw unfitting();
    if (count + added === 0) throw unfitting();
    after.set(before.subarray(from, from + count), at);
    after.set(fields.bytes(added), at + count);
    at += count + added;
  }
  fields.end();
  return after;
}

function sameAtBegin(one: Uint8Array, other: Uint8Array): number {
  const most = Math.min(one.length, other.length);
  let same = 0;
  while (same < most && one[same] === other[same]) same += 1;
  return same;
}

/** Not what has been counted at the beginning already. */
function sameAtEnd(one: Uint8Array, other: Uint8Array, begin: number): number {
  const most = Math.min(one.length, other.length) - begin;
  let same = 0;
  while (same < most && one[one.length - 1 - same] === other[other.length - 1 - same]) same += 1;
  return same;
}

function writeCopy(writer: Writer, from: number, count: number): void {
  writer.uint32(from).uint32(count).uint32(0);
}

function writeNew(writer: Writer, added: Uint8Array): void {
  if (added.length > 0) writer.uint32(0).uint32(0).uint32(added.length).bytes(added);
}

/** What lies between what is the same at beginning and end. */
function writeMiddle(
  writer: Writer,
  before: Uint8Array,
  after: Uint8Array,
  begin: number,
  end: number,
): void {
  let unsaid = begin;
  if (end - begin > BLOCK_BYTES + COPY_BYTES) {
    const places = new Places(before);
    let hash = hashAt(after, begin);
    let misses = 0;
    for (let at = begin; at + BLOCK_BYTES <= end; ) {
      const from = places.find(after, at, hash);
      if (from === undefined) {
        // Where all is new it is looked less and less: the time is for what may be found.
        const step = 1 + (misses++ >> PATIENCE_BITS);
        hash = step === 1 ? rolled(hash, after, at) : hashAt(after, at + step);
        at += step;
        continue;
      }
      misses = 0;
      const count = sameFrom(before, from, after, at, end);
      writeNew(writer, after.subarray(unsaid, at));
      writeCopy(writer, from, count);
      at += count;
      unsaid = at;
      hash = hashAt(after, at);
    }
  }
  writeNew(writer, after.subarray(unsaid, end));
}

function sameFrom(
  before: Uint8Array,
  from: number,
  after: Uint8Array,
  at: number,
  end: number,
): number {
  const most = Math.min(before.length - from, end - at);
  let same = BLOCK_BYTES;
  while (same < most && before[from + same] === after[at + same]) same += 1;
  return same;
}

/** Where which piece of the old bytes lies. */
class Places {
  readonly #bytes: Uint8Array;
  /** A place plus 1 under the hash of its piece; the first one of several, as most follows it. */
  readonly #table: Int32Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    const blocks = Math.min(MAX_BLOCKS, Math.floor(bytes.length / BLOCK_BYTES));
    this.#table = new Int32Array(2 ** Math.ceil(Math.log2(blocks * 2 + 2)));
    for (let block = 0; block < blocks; block++) {
      const at = block * BLOCK_BYTES;
      const slot = this.#slot(hashAt(bytes, at));
      if (this.#table[slot] === 0) this.#table[slot] = at + 1;
    }
  }

  /** Where the piece that begins here lies in the old bytes. */
  find(bytes: Uint8Array, at: number, hash: number): number | undefined {
    const from = (this.#table[this.#slot(hash)] ?? 0) - 1;
    if (from < 0) return undefined;
    for (let i = 0; i < BLOCK_BYTES; i++) {
      if (this.#bytes[from + i] !== bytes[at + i]) return undefined;
    }
    return from;
  }

  #slot(hash: number): number {
    return (hash ^ (hash >>> 15)) & (this.#table.length - 1);
  }
}

/** Karp and Rabin, "Efficient randomized pattern-matching algorithms", modulo 2 to the 32. */
function hashAt(bytes: Uint8Array, at: number): number {
  let hash = 0;
  for (let i = at; i < at + BLOCK_BYTES; i++) hash = (Math.imul(hash, BASE) + (bytes[i] ?? 0)) | 0;
  return hash;
}

/** The hash one byte further on. */
function rolled(hash: number, bytes: Uint8Array, at: number): number {
  const gone = Math.imul(bytes[at] ?? 0, GONE);
  return (Math.imul(hash, BASE) - gone + (bytes[at + BLOCK_BYTES] ?? 0)) | 0;
}

const BASE = 0x01000193;
/** What a byte counts when it leaves: the base to the power of `BLOCK_BYTES`. */
const GONE = Array.from({ length: BLOCK_BYTES }).reduce<number>((sum) => Math.imul(sum, BASE), 1);

function unfitting(): SealwireError {
  const message = "a delta of a shared variable does not fit the value that it is for";
  return new SealwireError("PROTOCOL_VIOLATION", message);
}

function tooLarge(length: number, maxBytes: number): SealwireError {
  const message = `a delta makes a value of ${length} bytes, and ${maxBytes} is the most here`;
  return new SealwireError("TOO_LARGE", message);
}
