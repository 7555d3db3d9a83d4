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

/** A value has more levels than may travel, perhaps without end. */
export function tooDeep(): SealwireError {
  return new SealwireError(
    "INVALID_ARGUMENT",
    "the value is nested too deeply or contains itself; send a flatter value or raise maxDepth",
  );
}

/** An object would change its prototype where it arrives. */
export function protoKey(): SealwireError {
  return new SealwireError("INVALID_ARGUMENT", "a key __proto__ cannot travel; choose another");
}
