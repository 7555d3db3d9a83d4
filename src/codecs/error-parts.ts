import { SealwireError } from "../core/model/errors.ts";

/** What of an error travels as a value: name, message, code and cause. Never the stack. */
export function partsFromError(error: Error): readonly unknown[] {
  const code: unknown = Reflect.get(error, "code");
  const named = typeof code === "string" || typeof code === "number";
  return [String(error.name), String(error.message), named ? code : null, error.cause ?? null];
}

/**
 * The error again. Its stack is its first line: where it was decoded says nothing.
 *
 * @throws `PROTOCOL_VIOLATION` when the parts are not those of an error.
 */
export function errorFromParts(parts: readonly unknown[]): Error {
  const [name, message, code, cause] = parts;
  const coded = code === null || typeof code === "string" || typeof code === "number";
  if (parts.length !== 4 || typeof name !== "string" || typeof message !== "string" || !coded) {
    throw new SealwireError("PROTOCOL_VIOLATION", "msgpack has an error without its four parts");
  }
  const error = new Error(message, cause === null ? undefined : { cause });
  define(error, "name", name);
  define(error, "stack", `${name}: ${message}`);
  if (code !== null) define(error, "code", code);
  return error;
}

function define(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, configurable: true, writable: true });
}
