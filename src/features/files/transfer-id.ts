import { encodeHex } from "../../bytes/text.ts";
import { randomBytes } from "../../crypto/random.ts";

/** A name for a transfer that nobody guesses, in the form of a UUID, version 4 (RFC 9562). */
export function newTransferId(): string {
  const bytes = randomBytes(16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return encodeHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
