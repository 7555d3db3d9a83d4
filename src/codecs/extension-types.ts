// Numbers of the msgpack extension types that Sealwire sends and accepts; all others are refused.

/** The timestamp of the msgpack specification, in 4, 8 or 12 bytes. */
export const EXTENSION_DATE = -1;
/** A sign byte (0 or 1), then the magnitude, highest byte first, without leading zeros. */
export const EXTENSION_BIGINT = 1;
/** An array of key, value, key, value … in the map's order. */
export const EXTENSION_MAP = 2;
/** An array of the set's values in their order. */
export const EXTENSION_SET = 3;
/** The array `[name, message, code or nil, cause or nil]`. */
export const EXTENSION_ERROR = 4;
/** The bytes of an `ArrayBuffer`. */
export const EXTENSION_BUFFER = 5;
/** A byte that names the element type, then the elements, lowest byte first. */
export const EXTENSION_TYPED_ARRAY = 6;
/** Two bytes, highest first: which of the bytes that travelled beside the message is meant. */
export const EXTENSION_ATTACHMENT = 7;

/** Whether it is one of them. */
export function isExtension(type: number): boolean {
  return type === EXTENSION_DATE || (type >= EXTENSION_BIGINT && type <= EXTENSION_ATTACHMENT);
}

/** Bytes of sign and magnitude together; reading a longer bigint would block the event loop. */
export const MAX_BIGINT_BYTES = 1025;

/** Whether the payload is itself a msgpack array. */
export function holdsArray(type: number): boolean {
  return type === EXTENSION_MAP || type === EXTENSION_SET || type === EXTENSION_ERROR;
}
