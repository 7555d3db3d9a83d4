import { Buffer } from "node:buffer";
import { decodeUtf8, encodeUtf8 } from "../bytes/text.ts";
import { SealwireError } from "../core/model/errors.ts";

/** A message as the frames of both languages hold it. */
export interface Payload {
  readonly format: "text" | "binary";
  readonly data: string;
}

/**
 * The bytes that `format` and `data` of a frame stand for. A format that is missing or unknown
 * means text, as in the original.
 *
 * @throws `INVALID_ARGUMENT` when `data` is no text, or no base64 where that is due
 */
export function bytesOf(format: unknown, data: unknown): Uint8Array {
  if (typeof data !== "string") {
    throw new SealwireError("INVALID_ARGUMENT", "data is missing or no string; give a string");
  }
  return format === "binary" ? base64Bytes(data) : encodeUtf8(data);
}

/**
 * What to tell of a received message: text where it can be read as text, which is how the original
 * tells them apart, or base64.
 */
export function payloadOf(bytes: Uint8Array, binary: boolean): Payload {
  const text = binary ? undefined : decodeUtf8(bytes);
  if (text !== undefined) return { format: "text", data: text };
  const { buffer, byteOffset, byteLength } = bytes;
  const data = Buffer.from(buffer, byteOffset, byteLength).toString("base64");
  return { format: "binary", data };
}

/** The original skips foreign characters, so that `***` becomes nothing; here it is a fault. */
function base64Bytes(text: string): Uint8Array {
  if (text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
    const bytes = Buffer.from(text, "base64");
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  const message = "data is not base64 (RFC 4648, section 4, with padding); encode the bytes so";
  throw new SealwireError("INVALID_ARGUMENT", message);
}
