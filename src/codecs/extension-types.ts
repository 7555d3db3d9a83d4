/** Numbers of the msgpack extension types that Sealwire sends and accepts; all others are refused. */
export const EXTENSION = {
  /** The timestamp of the msgpack specification, in 4, 8 or 12 bytes. */
  DATE: -1,
  /** A sign byte (0 or 1), then the magnitude, highest byte first, without leading zeros. */
  BIGINT: 1,
  /** An array of key, value, key, value … in the map's order. */
  MAP: 2,
  /** An array of the set's values in their order. */
  SET: 3,
  /** The array `[name, message, code or nil, cause or nil]`. */
  ERROR: 4,
  /** The bytes of an `ArrayBuffer`. */
  BUFFER: 5,
  /** A byte that names the element type, then the elements, lowest byte first. */
  TYPED_ARRAY: 6,
  /** Two bytes, highest first: which of the bytes that travelled beside the message is meant. */
  ATTACHMENT: 7,
} as const;

/** Bytes of sign and magnitude together; reading a longer bigint would block the event loop. */
export const MAX_BIGINT_BYTES = 1025;

/** Whether the payload is itself a msgpack array. */
export function holdsArray(type: number): boolean {
  return type === EXTENSION.MAP || type === EXTENSION.SET || type === EXTENSION.ERROR;
}
