import { SealwireError } from "../../core/model/errors.ts";

/** A map of the greeting, whose fields have not been checked yet. */
export type GreetingMap = Readonly<Record<string, unknown>>;

/** The bytes in a field. @throws `HANDSHAKE_FAILED` when there are none. */
export function requiredBytes(map: GreetingMap, field: string): Uint8Array {
  const value = map[field];
  if (value instanceof Uint8Array) return value;
  throw malformed(`no bytes in ${field}`);
}

/** The text in a field. @throws `HANDSHAKE_FAILED` when there is none. */
export function requiredText(map: GreetingMap, field: string): string {
  const value = optionalText(map, field);
  if (value !== undefined) return value;
  throw malformed(`no text in ${field}`);
}

/** The text in a field, if it holds one. */
export function optionalText(map: GreetingMap, field: string): string | undefined {
  const value = map[field];
  return typeof value === "string" ? value : undefined;
}

/** What a greeting is refused with that is not as it must be. */
export function malformed(what: string): SealwireError {
  return new SealwireError("HANDSHAKE_FAILED", `the greeting of the other side has ${what}`);
}
