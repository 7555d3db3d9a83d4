import { crc32 } from "node:zlib";
import type { PartPool } from "./part-pool.ts";
import type { Segment } from "./segment.ts";

/** A header with this bit grants credit, or ends the stream; without, it announces so many bytes. */
export const CREDIT_BIT = 0x8000_0000;
/** A header of data with this bit: only itself is checked, as whoever reads notices damage. */
export const SPARED_BIT = 0x4000_0000;
/** What may be sent before the other side has granted anything. */
export const FIRST_CREDIT_BYTES = 65_536;
/** The header of a piece. */
export const HEADER_BYTES = 4;
/** A grant says, behind its header, how many bytes of the whole stream the grantor has received. */
export const GRANT_BYTES = 8;
/** The check behind each piece and grant. */
const CHECK_BYTES = 4;

/** What a piece is made with. */
export interface PieceOptions {
  readonly pool: PartPool;
  /** What goes into the checks, the same at the side that receives. */
  readonly seed: number;
}

/** What a grant says beside its header. */
export interface Count {
  /** How many bytes of the whole stream the grantor has received. */
  readonly received: number;
  /** Whether data may come without a check of it. */
  readonly spares: boolean;
}

export function formatCount({ received, spares }: Count): Uint8Array {
  const bytes = new Uint8Array(GRANT_BYTES);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(received));
  if (spares) bytes[0] = SPARES;
  return bytes;
}

export function parseCount(body: Uint8Array): Count {
  const fields = new DataView(body.buffer, body.byteOffset);
  const received = Number(fields.getBigUint64(0) & MOST_COUNTED);
  return { received, spares: body[0] === SPARES };
}

/** How long a piece is with all that belongs to it. */
export function pieceBytes(length: number): number {
  return HEADER_BYTES + length + CHECK_BYTES;
}

/**
 * A piece for this place of the stream: header, body and check, which is of the header alone if that
 * says so. Large segments stay where they are, the small ones are copied, together with header and
 * check, and released.
 */
export function makePiece(
  header: number,
  body: readonly Segment[],
  place: number,
  { pool, seed }: PieceOptions,
): readonly Segment[] {
  const memory = pool.take(pieceBytes(smallBytes(body)));
  const fields = new DataView(memory.buffer);
  fields.setUint32(0, header);
  const piece: Segment[] = [];
  let begin = 0;
  let end = HEADER_BYTES;
  for (const segment of body) {
    if (segment.isLarge) {
      if (end > begin) piece.push({ bytes: memory.subarray(begin, end) });
      piece.push(segment);
      begin = end;
    } else {
      memory.set(segment.bytes, end);
      end += segment.bytes.length;
      segment.release?.();
    }
  }
  const last = memory.subarray(begin, end);
  const checked = isSpared(header) ? [memory.subarray(0, HEADER_BYTES)] : [...bytesOf(piece), last];
  fields.setUint32(end, checkOf(checked, seed, place), true);
  piece.push({ bytes: memory.subarray(begin), release: () => pool.give(memory) });
  return piece;
}

/** Whether only the header is checked. */
export function isSpared(header: number): boolean {
  return header < CREDIT_BIT && header >= SPARED_BIT;
}

/** Whether what is checked is as it was sent, and at this place of the stream. */
export function isGenuine(header: number, piece: Uint8Array, place: number, seed: number): boolean {
  const checked = isSpared(header)
    ? [piece.subarray(0, HEADER_BYTES), piece.subarray(-CHECK_BYTES)]
    : [piece];
  return checkOf(checked, seed, place) === RESIDUE;
}

function checkOf(parts: readonly Uint8Array[], seed: number, place: number): number {
  let check = firstCheck(seed, place);
  for (const part of parts) check = crc32(part, check);
  return check;
}

function bytesOf(segments: readonly Segment[]): Uint8Array[] {
  return segments.map(({ bytes }) => bytes);
}

function smallBytes(body: readonly Segment[]): number {
  let sum = 0;
  for (const { bytes, isLarge } of body) if (!isLarge) sum += bytes.length;
  return sum;
}

/** The place is part of the check: a piece elsewhere in the stream is not the same piece. */
function firstCheck(seed: number, place: number): number {
  return (seed + (place % 2 ** 32)) >>> 0;
}

/** What CRC-32 gives for anything that is followed by its own CRC, lowest byte first. */
const RESIDUE = 0x2144_df1c;
/** In the highest byte of a count. */
const SPARES = 1;
const MOST_COUNTED = 2n ** 56n - 1n;
