import { crc32 } from "node:zlib";
import type { PartPool } from "./part-pool.ts";
import type { Segment } from "./segment.ts";

/** A header with this bit grants credit, or ends the stream; without, it announces so many bytes. */
export const CREDIT_BIT = 0x8000_0000;
/** What may be sent before the other side has granted anything. */
export const FIRST_CREDIT_BYTES = 65_536;
/** The header of a piece. */
export const HEADER_BYTES = 4;
/** A grant says, behind its header, how many bytes of the whole stream the grantor has received. */
export const GRANT_BYTES = 8;
/** The check behind each piece and grant. */
const CHECK_BYTES = 4;
/** Large writes leave in pieces of at most this size, so that a grant never waits behind megabytes. */
export const MOST_PIECE_BYTES = 98_304;

/** What a piece is made with. */
export interface PieceOptions {
  readonly pool: PartPool;
  /** What goes into the checks, the same at the side that receives. */
  readonly seed: number;
}

/** How long a piece is with all that belongs to it. */
export function pieceBytes(length: number): number {
  return HEADER_BYTES + length + CHECK_BYTES;
}

/**
 * A piece for this place of the stream: header, body and check. Large segments stay where they are,
 * the small ones are copied, together with header and check, and released.
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
  let check = firstCheck(seed, place);
  for (const { bytes } of piece) check = crc32(bytes, check);
  check = crc32(memory.subarray(begin, end), check);
  fields.setUint32(end, check, true);
  piece.push({ bytes: memory.subarray(begin), release: () => pool.give(memory) });
  return piece;
}

/** Whether it is what was sent, header and check included, and at this place of the stream. */
export function isGenuine(piece: Uint8Array, seed: number, place: number): boolean {
  return crc32(piece, firstCheck(seed, place)) === RESIDUE;
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
