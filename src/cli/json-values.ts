import { encodeBase64 } from "../bytes/encode-base64.ts";
import { decodeBase64 } from "../bytes/text.ts";
import { printableJson } from "./printable.ts";

/**
 * A value as JSON. What JSON has not is an object with one key: `{"$bytes":"base64"}`,
 * `{"$bigint":"12"}`, `{"$date":"ISO 8601"}`, `{"$map":[[key,value]]}`, `{"$set":[…]}`,
 * `{"$error":{…}}`, `{"$number":"NaN"}`; `undefined` is `null`.
 */
export function formatValue(value: unknown, indent = 0): string {
  return printableJson(JSON.stringify(toJson(value), undefined, indent));
}

/** The reverse, for arguments: the same objects become bytes, bigint, dates, maps and sets. */
export function reviveValue(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(reviveValue);
  if (typeof json !== "object" || json === null) return json;
  const entries = Object.entries(json);
  const [only] = entries;
  const revived = only && entries.length === 1 ? REVIVE.get(only[0])?.(only[1]) : undefined;
  return revived ?? Object.fromEntries(entries.map(([key, each]) => [key, reviveValue(each)]));
}

function toJson(value: unknown): unknown {
  switch (typeof value) {
    case "bigint":
      return { $bigint: String(value) };
    case "number":
      return Number.isFinite(value) ? value : { $number: String(value) };
    case "string":
    case "boolean":
      return value;
    case "object":
      return value === null ? null : objectToJson(value);
    default:
      return null;
  }
}

function objectToJson(value: object): unknown {
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof Uint8Array) return { $bytes: encodeBase64(value) };
  if (ArrayBuffer.isView(value)) return { $bytes: encodeBase64(bytesOf(value)) };
  if (value instanceof Date) return dateToJson(value);
  if (value instanceof Map) {
    return { $map: [...value].map(([key, each]) => [toJson(key), toJson(each)]) };
  }
  if (value instanceof Set) return { $set: [...value].map(toJson) };
  if (value instanceof Error) return { $error: errorToJson(value) };
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, toJson(each)]));
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function dateToJson(date: Date): unknown {
  return Number.isNaN(date.getTime()) ? null : { $date: date.toISOString() };
}

function errorToJson(error: Error): unknown {
  const { name, message, cause } = error;
  const code = "code" in error ? { code: toJson(error.code) } : {};
  return { name, ...code, message, ...(cause !== undefined && { cause: toJson(cause) }) };
}

type Revive = (inner: unknown) => unknown;

const REVIVE: ReadonlyMap<string, Revive> = new Map<string, Revive>([
  ["$bytes", (inner) => (typeof inner === "string" ? decodeBase64(inner) : undefined)],
  ["$bigint", reviveBigint],
  ["$date", reviveDate],
  ["$map", (inner) => (isPairs(inner) ? new Map(inner.map(revivePair)) : undefined)],
  ["$set", (inner) => (Array.isArray(inner) ? new Set(inner.map(reviveValue)) : undefined)],
  ["$number", (inner) => (isOdd(inner) ? Number(inner) : undefined)],
]);

/** Longer numbers take quadratic time to read. */
const MAX_BIGINT_DIGITS = 10_000;

function reviveBigint(inner: unknown): bigint | undefined {
  if (typeof inner !== "string" || inner.length > MAX_BIGINT_DIGITS) return undefined;
  return /^-?\d+$/.test(inner) ? BigInt(inner) : undefined;
}

function reviveDate(inner: unknown): Date | undefined {
  const date = new Date(typeof inner === "string" ? inner : Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function isPairs(inner: unknown): inner is readonly (readonly [unknown, unknown])[] {
  return Array.isArray(inner) && inner.every((pair) => Array.isArray(pair) && pair.length === 2);
}

function revivePair([key, value]: readonly [unknown, unknown]): readonly [unknown, unknown] {
  return [reviveValue(key), reviveValue(value)];
}

function isOdd(inner: unknown): boolean {
  return inner === "NaN" || inner === "Infinity" || inner === "-Infinity";
}
