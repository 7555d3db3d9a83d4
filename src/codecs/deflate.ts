import { deflateSync, Inflate } from "fflate";
import { SealwireError } from "../core/model/errors.ts";
import type { Compression } from "./compression.ts";

/** How hard `deflate` tries. */
export interface DeflateOptions {
  /**
   * From 1 (fast) to 9 (small). Messages are small and many, so the default is fast.
   *
   * @default 3
   */
  readonly level?: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;
}

/** No input byte becomes more than 1032 bytes, so one slice never becomes more than 1 MiB. */
const SLICE_BYTES = 1024;

/**
 * DEFLATE without header or checksum (RFC 1951), the same bytes in Node and browsers. The record
 * that carries them has its own tag; bytes after the final block are not looked at.
 *
 * @throws `INVALID_ARGUMENT` for a level that does not exist.
 */
export function deflate(options: DeflateOptions = {}): Compression {
  const level = options.level ?? 3;
  if (!Number.isInteger(level) || level < 1 || level > 9) {
    throw new SealwireError("INVALID_ARGUMENT", `level is ${level}; give a number from 1 to 9`);
  }
  return {
    name: "deflate-raw",
    compress: (bytes) => deflateSync(bytes, { level }),
    decompress,
  };
}

function decompress(bytes: Uint8Array, maxBytes: number): Uint8Array {
  if (bytes.length === 0) throw damaged();
  const pieces: Uint8Array[] = [];
  let total = 0;
  const stream = new Inflate((piece) => {
    total += piece.length;
    pieces.push(piece);
  });
  for (let start = 0; start < bytes.length; start += SLICE_BYTES) {
    const end = start + SLICE_BYTES;
    push(stream, bytes.subarray(start, end), end >= bytes.length);
    if (total > maxBytes) throw tooLarge(maxBytes);
  }
  return join(pieces, total);
}

function push(stream: Inflate, slice: Uint8Array, final: boolean): void {
  try {
    stream.push(slice, final);
  } catch (thrown) {
    throw damaged(thrown);
  }
}

function join(pieces: readonly Uint8Array[], total: number): Uint8Array {
  const [first] = pieces;
  if (pieces.length === 1 && first !== undefined) return first;
  const joined = new Uint8Array(total);
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}

function damaged(cause?: unknown): SealwireError {
  return new SealwireError("PROTOCOL_VIOLATION", "compressed bytes are cut short or damaged", {
    cause,
  });
}

function tooLarge(maxBytes: number): SealwireError {
  return new SealwireError("TOO_LARGE", `compressed bytes become more than ${maxBytes} bytes`);
}
