import type { FlateStreamHandler } from "fflate";

/** What takes compressed bytes and gives out what becomes of them. */
interface Inflating {
  push(slice: Uint8Array, final: boolean): void;
}

/** No input byte becomes more than 1032 bytes, so one slice never becomes more than 1 MiB. */
const SLICE_BYTES = 1024;

/** How compressed bytes are refused. */
export interface InflateRefusals {
  damaged(cause: unknown): Error;
  tooLarge(maxBytes: number): Error;
}

/** What compressed bytes become, in pieces; the work stops as soon as it is more than allowed. */
export function inflateBounded(
  inflating: (give: FlateStreamHandler) => Inflating,
  bytes: Uint8Array,
  maxBytes: number,
  refusals: InflateRefusals,
): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let total = 0;
  const stream = inflating((piece) => {
    total += piece.length;
    pieces.push(piece);
  });
  for (let start = 0; start < bytes.length; start += SLICE_BYTES) {
    const end = start + SLICE_BYTES;
    try {
      stream.push(bytes.subarray(start, end), end >= bytes.length);
    } catch (thrown) {
      throw refusals.damaged(thrown);
    }
    if (total > maxBytes) throw refusals.tooLarge(maxBytes);
  }
  return pieces;
}
