import { decodeUtf8 } from "../bytes/text.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { ForeignValues } from "./foreign-values.ts";
import { decodeSafely, encodeSafely, type MsgpackCodec, RETAINED_BYTES } from "./msgpack.ts";
import { checkedLimits, type MsgpackLimits } from "./msgpack-limits.ts";
import { MsgpackReader } from "./msgpack-reader.ts";
import { malformed } from "./msgpack-refusals.ts";
import { type Extension, MsgpackWriter } from "./msgpack-writer.ts";

/** An extension of another program, which means nothing here. It is read and never written. */
export class OpaqueExtension {
  readonly type: number;
  readonly data: Uint8Array;

  constructor(type: number, data: Uint8Array) {
    this.type = type;
    this.data = data;
  }
}

/**
 * Msgpack as other programs write it, without the extensions of ours: integers beyond 2^53 are
 * `bigint` and travel in 64 bits, an extension arrives as `OpaqueExtension`, a map key in bytes as
 * text. What msgpack itself has no form for is refused: a larger `bigint`, dates, sets, maps,
 * errors. Decision 016 says why our own wire does it differently.
 *
 * @throws `INVALID_ARGUMENT` for an impossible limit.
 */
export function plainMsgpack(limits: MsgpackLimits = {}): MsgpackCodec {
  const bounds = checkedLimits(limits);
  const reader = new MsgpackReader(bounds, NO_EXTENSIONS, FOREIGN);
  let writer = new MsgpackWriter(bounds, plainForm);
  const encodeShared = (value: unknown): Uint8Array => {
    const bytes = encodeSafely(writer, value);
    // A buffer that one large message has made is not kept for the small ones that follow.
    if (bytes.length > RETAINED_BYTES) writer = new MsgpackWriter(bounds, plainForm);
    return bytes;
  };
  return {
    encodeShared,
    encode(value) {
      const bytes = encodeShared(value);
      return bytes.length > RETAINED_BYTES ? bytes : bytes.slice();
    },
    decode: (bytes) => decodeSafely(reader, bytes),
  };
}

/** Asked for everything that is neither a plain scalar nor an array; `undefined`: it is plain. */
function plainForm(value: unknown): Extension | undefined {
  if (typeof value === "bigint") return { data: integerBytes(value) };
  if (typeof value !== "object" || value === null) throw untransportable(typeof value);
  if (value instanceof Uint8Array || isPlain(value)) return undefined;
  throw untransportable(`object of class ${classOf(value)}`);
}

/** Heads of the msgpack specification: `uint 64` and `int 64`. */
const UINT_64 = 0xcf;
const INT_64 = 0xd3;

function integerBytes(value: bigint): Uint8Array {
  const unsigned = value >= 0n;
  if (value < -(2n ** 63n) || value >= 2n ** 64n) throw tooWide();
  const bytes = new Uint8Array(9);
  bytes[0] = unsigned ? UINT_64 : INT_64;
  new DataView(bytes.buffer).setBigUint64(1, BigInt.asUintN(64, value));
  return bytes;
}

/** Also objects of another realm, whose prototype is plain without being ours. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return true;
  return Object.getPrototypeOf(prototype) === null && !ArrayBuffer.isView(value);
}

function classOf(value: object): string {
  const made: unknown = Reflect.get(value, "constructor");
  return typeof made === "function" && made.name !== "" ? made.name : "unknown";
}

const FOREIGN: ForeignValues = Object.freeze({
  extension: (type: number, data: Uint8Array) => new OpaqueExtension(type, data),
  integer(high: number, low: number) {
    const exact = high < 2 ** 21 && high >= -(2 ** 21);
    return exact ? high * 2 ** 32 + low : BigInt(high) * 2n ** 32n + BigInt(low);
  },
  key(bytes: Uint8Array) {
    const key = decodeUtf8(bytes);
    if (key !== undefined && key !== "__proto__") return key;
    throw malformed("has a map key in bytes that is not a usable text");
  },
});

/** Never asked, because every extension is foreign here. */
const NO_EXTENSIONS = { fromBytes: () => undefined, fromArray: () => undefined };

function tooWide(): SealwireError {
  const message = "a bigint has more than 64 bits, which this wire cannot carry; send it as text";
  return new SealwireError("INVALID_ARGUMENT", message);
}

function untransportable(what: string): SealwireError {
  const message = `a value of type ${what} cannot travel on this wire; send plain values and bytes`;
  return new SealwireError("INVALID_ARGUMENT", message);
}
