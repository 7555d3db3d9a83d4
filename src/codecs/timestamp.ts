import { SealwireError } from "../core/model/errors.ts";

/**
 * A moment as the msgpack specification writes timestamps: seconds in 32 bits, or nanoseconds in
 * 30 and seconds in 34, or in 32 and 64.
 *
 * @throws `INVALID_ARGUMENT` for a date that is none
 */
export function bytesFromDate(date: Date): Uint8Array {
  const ms = date.getTime();
  if (Number.isNaN(ms)) {
    throw new SealwireError("INVALID_ARGUMENT", "an invalid Date cannot travel; send null instead");
  }
  const seconds = Math.floor(ms / 1_000);
  const nanoseconds = (ms - seconds * 1_000) * 1_000_000;
  if (seconds < 0 || seconds >= 2 ** 34) {
    const view = new DataView(new ArrayBuffer(12));
    view.setUint32(0, nanoseconds);
    view.setBigInt64(4, BigInt(seconds));
    return new Uint8Array(view.buffer);
  }
  const short = nanoseconds === 0 && seconds < 2 ** 32;
  const view = new DataView(new ArrayBuffer(short ? 4 : 8));
  if (!short) view.setUint32(0, nanoseconds * 4 + Math.floor(seconds / 2 ** 32));
  view.setUint32(short ? 0 : 4, seconds);
  return new Uint8Array(view.buffer);
}

/** @throws `PROTOCOL_VIOLATION` for other lengths, and beyond what a `Date` can hold */
export function dateFromBytes({ buffer, byteOffset, length }: Uint8Array): Date {
  const view = new DataView(buffer, byteOffset, length);
  if (length === 4) return checked(view.getUint32(0), 0);
  if (length === 8) {
    const head = view.getUint32(0);
    return checked((head & 3) * 2 ** 32 + view.getUint32(4), head >>> 2);
  }
  if (length === 12) return checked(Number(view.getBigInt64(4)), view.getUint32(0));
  throw noDate();
}

function checked(seconds: number, nanoseconds: number): Date {
  const date = new Date(seconds * 1_000 + Math.floor(nanoseconds / 1_000_000));
  if (nanoseconds < 1_000_000_000 && !Number.isNaN(date.getTime())) return date;
  throw noDate();
}

function noDate(): SealwireError {
  return new SealwireError("PROTOCOL_VIOLATION", "msgpack has a timestamp that is no date");
}
