import { decodeHex, encodeHex } from "../../../src/bytes/text.ts";

/**
 * Values of messages as JSON: what JSON does not know is an object with one key that begins with
 * `$`. Long bytes that repeat one are written as that byte and their length.
 */
export function writeValue(value: unknown): unknown {
  if (value instanceof Uint8Array) return writeBytes(value);
  if (typeof value === "bigint") return { $bigint: String(value) };
  if (value instanceof Date) return { $date: value.getTime() };
  if (value instanceof Map) return { $map: [...value].map(writeValue) };
  if (value instanceof Set) return { $set: [...value].map(writeValue) };
  if (value === undefined) return { $nothing: true };
  if (Array.isArray(value)) return value.map(writeValue);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, writeValue(each)]));
}

/** The value that was written. */
export function readValue(written: unknown): unknown {
  if (Array.isArray(written)) return written.map(readValue);
  if (typeof written !== "object" || written === null) return written;
  const entries = Object.entries(written);
  const [key, value] = entries[0] ?? [];
  if (key === "$bytes") return decodeHex(String(value));
  if (key === "$repeated") return new Uint8Array(Number(value[1])).fill(Number(value[0]));
  if (key === "$bigint") return BigInt(String(value));
  if (key === "$date") return new Date(Number(value));
  if (key === "$map") return new Map(value.map(readValue));
  if (key === "$set") return new Set(value.map(readValue));
  if (key === "$nothing") return undefined;
  return Object.fromEntries(entries.map(([name, each]) => [name, readValue(each)]));
}

function writeBytes(bytes: Uint8Array): unknown {
  const [first = 0] = bytes;
  const repeated = bytes.length > 64 && bytes.every((byte) => byte === first);
  return repeated ? { $repeated: [first, bytes.length] } : { $bytes: encodeHex(bytes) };
}
