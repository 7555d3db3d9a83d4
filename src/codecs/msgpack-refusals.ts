import { SealwireError } from "../core/model/errors.ts";

/** The bytes end within a value. */
export function truncated(): SealwireError {
  return malformed("ends before its value does");
}

/** The bytes are no msgpack, or none that we accept; `what` goes on after "msgpack". */
export function malformed(what: string): SealwireError {
  return new SealwireError("PROTOCOL_VIOLATION", `msgpack ${what}`);
}

/** Something has more than its limit allows. */
export function tooLarge(
  what: string,
  size: number,
  limit: string,
  highest: number,
  unit = "bytes",
): SealwireError {
  return new SealwireError(
    "TOO_LARGE",
    `msgpack ${what} has ${size} ${unit}, ${limit} allows ${highest}`,
  );
}
