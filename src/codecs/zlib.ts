import { type FlateStreamHandler, Unzlib, zlibSync } from "fflate";
import { join } from "../bytes/join.ts";
import { SealwireError } from "../core/model/errors.ts";
import { inflateBounded } from "./inflate-bounded.ts";

const HEADER_BYTES = 2;
const CHECKSUM_BYTES = 4;

/** Bytes as a zlib stream (RFC 1950) of level 6, which is what Python's `zlib` makes by default. */
export function compressZlib(bytes: Uint8Array): Uint8Array {
  return zlibSync(bytes, { level: 6 });
}

/**
 * The bytes of a whole zlib stream, its checksum included.
 *
 * @throws `TOO_LARGE` as soon as more than `maxBytes` come out (the work stops there),
 * `PROTOCOL_VIOLATION` when the stream is cut short, damaged, or none.
 */
export function decompressZlib(bytes: Uint8Array, maxBytes: number): Uint8Array {
  if (bytes.length <= HEADER_BYTES + CHECKSUM_BYTES) throw damaged();
  const inflating = (give: FlateStreamHandler) => new Unzlib(give);
  const pieces = inflateBounded(inflating, bytes, maxBytes, { damaged, tooLarge });
  const inflated = join(pieces);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (adler32(inflated) !== view.getUint32(bytes.length - CHECKSUM_BYTES)) throw damaged();
  return inflated;
}

/** Adler-32 (RFC 1950, section 8.2), which the library writes and does not check. */
function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (let at = 0; at < bytes.length; ) {
    // So many sums stay below 2^32 before the remainder must be taken.
    const end = Math.min(at + 5552, bytes.length);
    for (; at < end; at++) {
      a += bytes[at] ?? 0;
      b += a;
    }
    a %= 65_521;
    b %= 65_521;
  }
  return ((b << 16) | a) >>> 0;
}

function damaged(cause?: unknown): SealwireError {
  return new SealwireError("PROTOCOL_VIOLATION", "a zlib stream is cut short or damaged", {
    cause,
  });
}

function tooLarge(maxBytes: number): SealwireError {
  return new SealwireError("TOO_LARGE", `a zlib stream becomes more than ${maxBytes} bytes`);
}
