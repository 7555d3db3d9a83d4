/** Values looked at before the rest is estimated, so that weighing costs little. */
const MAX_LOOKS = 64;

/** Bytes that any value takes, whatever it is. */
const LEAST_BYTES = 8;

/**
 * About how many bytes a value takes in memory. A guess to bound buffers by: bytes and texts are
 * exact, of large lists and maps only the beginning is looked at.
 */
export function weightOf(value: unknown): number {
  return weigh(value, MAX_LOOKS);
}

/** `looks`: how many values within this one may be looked at, shared among them. */
function weigh(value: unknown, looks: number): number {
  if (typeof value === "string") return LEAST_BYTES + value.length;
  if (typeof value !== "object" || value === null) return LEAST_BYTES;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return value.byteLength;
  if (Array.isArray(value)) return weighList(value, looks);
  if (value instanceof Map || value instanceof Set)
    return weighList([...first(value)], looks, value.size);
  return weighList(Object.values(value), looks);
}

/** The first ones stand for those that are not looked at. */
function weighList(
  values: readonly unknown[],
  looks: number,
  count: number = values.length,
): number {
  const seen = Math.min(values.length, looks);
  if (seen === 0) return LEAST_BYTES + count * LEAST_BYTES;
  const each = Math.floor(looks / seen) - 1;
  let bytes = LEAST_BYTES;
  for (let i = 0; i < seen; i++) bytes += LEAST_BYTES + weigh(values[i], each);
  return Math.ceil((bytes * count) / seen);
}

function* first(values: Map<unknown, unknown> | Set<unknown>): Generator<unknown> {
  let left = MAX_LOOKS;
  for (const value of values.values()) {
    if (left-- === 0) return;
    yield value;
  }
}
