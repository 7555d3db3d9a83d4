import { SealwireError } from "../core/model/errors.ts";

/** The arrays of numbers that travel under their own name; `Uint8Array` is msgpack's own binary. */
export type TypedArray =
  | Int8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

/** The place in this list is the type byte on the wire: only append. */
const TYPES = [
  Int8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
] as const;

/** The elements are written as memory holds them: lowest byte first wherever JavaScript runs. */
export function bytesFromTypedArray(array: TypedArray, kind: string): Uint8Array {
  const type = TYPES.findIndex((candidate) => candidate.name === kind);
  if (type === -1) {
    throw new SealwireError("INVALID_ARGUMENT", `a value of type ${kind} cannot travel`);
  }
  const bytes = new Uint8Array(1 + array.byteLength);
  bytes[0] = type;
  bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), 1);
  return bytes;
}

/** @throws `PROTOCOL_VIOLATION` for an unknown element type or half an element. */
export function typedArrayFromBytes(bytes: Uint8Array): TypedArray {
  const Type = TYPES[bytes[0] ?? TYPES.length];
  if (Type === undefined || (bytes.length - 1) % Type.BYTES_PER_ELEMENT !== 0) {
    throw new SealwireError("PROTOCOL_VIOLATION", "msgpack has a typed array that is none");
  }
  // Copied, because elements must lie at multiples of their size.
  return new Type(bytes.slice(1).buffer);
}
