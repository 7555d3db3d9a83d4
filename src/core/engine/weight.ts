/** Values looked at before the rest is estimated, so that weighing costs little. */
const MAX_LOOKS = 64;

/** Bytes that any value takes, whatever it is. */
const LEAST_BYTES = 8;

/**
 * About how many bytes a value takes in memory. A guess to bound buffers by: bytes and texts are
 * exact, of large lists and maps only the beginning is looked at.
 */
export function weightOf(value: unknown): number {
  if (typeof value === "string") return LEAST_BYTES + value.length;
  if (typeof value !== "object" || value === null) return LEAST_BYTES;
  return weigh(value, { left: MAX_LOOKS });
}

interface Looks {
  left: number;
}

function weigh(value: unknown, looks: Looks): number {
  if (typeof value === "string") return LEAST_BYTES + value.length;
  if (typeof value !== "object" || value === null) return LEAST_BYTES;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return value.byteLength;
  if (Array.isArray(value)) return weighFirst(value, value.length, looks);
  if (value instanceof Map) return weighFirst(value.values(), value.size, looks);
  if (value instanceof Set) return weighFirst(value, value.size, looks);
  const values = Object.values(value);
  return weighFirst(values, values.length, looks);
}

/** The first ones stand for those that are not looked at. */
function weighFirst(values: Iterable<unknown>, count: number, looks: Looks): number {
  let bytes = LEAST_BYTES;
  let seen = 0;
  for (const value of values) {
    if (looks.left-- <= 0) break;
    bytes += LEAST_BYTES + weigh(value, looks);
    seen += 1;
  }
  return seen === 0 ? bytes + count * LEAST_BYTES : Math.ceil((bytes * count) / seen);
}
