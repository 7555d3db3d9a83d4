import { SealwireError } from "../core/model/errors.ts";
import { MAX_BIGINT_BYTES } from "./extension-types.ts";

/**
 * Sign and magnitude, highest byte first. Zero is the sign alone.
 *
 * @throws `TOO_LARGE` beyond 8192 bits.
 */
export function bytesFromBigint(value: bigint): Uint8Array {
  const hex = (value < 0n ? -value : value).toString(16);
  const digits = value === 0n ? "" : hex.padStart(hex.length + (hex.length % 2), "0");
  const length = 1 + digits.length / 2;
  if (length > MAX_BIGINT_BYTES) {
    throw new SealwireError("TOO_LARGE", "a bigint has more than 8192 bits; send it as bytes");
  }
  const bytes = new Uint8Array(length);
  bytes[0] = value < 0n ? 1 : 0;
  for (let i = 1; i < length; i++) bytes[i] = Number.parseInt(digits.slice(2 * i - 2, 2 * i), 16);
  return bytes;
}

/** @throws `PROTOCOL_VIOLATION` for any form but the one that `bytesFromBigint` writes. */
export function bigintFromBytes(bytes: Uint8Array): bigint {
  const sign = bytes[0];
  const canonical =
    sign === 0 ? bytes.length === 1 || bytes[1] !== 0 : sign === 1 && (bytes[1] ?? 0) !== 0;
  if (!canonical || bytes.length > MAX_BIGINT_BYTES) {
    throw new SealwireError(
      "PROTOCOL_VIOLATION",
      "msgpack has a bigint in a form it must not have",
    );
  }
  let digits = "0x0";
  for (let i = 1; i < bytes.length; i++) digits += (bytes[i] ?? 0).toString(16).padStart(2, "0");
  return sign === 1 ? -BigInt(digits) : BigInt(digits);
}
