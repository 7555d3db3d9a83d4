import { deflateSync, type FlateStreamHandler, Inflate } from "fflate";
import { join } from "../bytes/join.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { Compression } from "./compression.ts";
import { inflateBounded } from "./inflate-bounded.ts";

/** How hard `deflate` tries. */
export interface DeflateOptions {
  /**
   * From 1 (fast) to 9 (small). Messages are small and many, so the default is fast.
   *
   * @default 3
   */
  readonly level?: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;
}

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
  const inflating = (give: FlateStreamHandler) => new Inflate(give);
  const pieces = inflateBounded(inflating, bytes, maxBytes, { damaged, tooLarge });
  const [first] = pieces;
  return pieces.length === 1 && first !== undefined ? first : join(pieces);
}

function damaged(cause?: unknown): SealwireError {
  return new SealwireError("PROTOCOL_VIOLATION", "compressed bytes are cut short or damaged", {
    cause,
  });
}

function tooLarge(maxBytes: number): SealwireError {
  return new SealwireError("TOO_LARGE", `compressed bytes become more than ${maxBytes} bytes`);
}
