import { SealwireError } from "../core/model/errors.ts";
import { bigintFromBytes, bytesFromBigint } from "./bigint-bytes.ts";
import { errorFromParts, partsFromError } from "./error-parts.ts";
import {
  EXTENSION_ATTACHMENT,
  EXTENSION_BIGINT,
  EXTENSION_BUFFER,
  EXTENSION_DATE,
  EXTENSION_ERROR,
  EXTENSION_MAP,
  EXTENSION_SET,
  EXTENSION_TYPED_ARRAY,
} from "./extension-types.ts";
import type { FromExtension } from "./msgpack-reader.ts";
import { tooLarge } from "./msgpack-refusals.ts";
import type { Extension } from "./msgpack-writer.ts";
import { bytesFromDate, dateFromBytes } from "./timestamp.ts";
import type { TypedArray } from "./typed-array-bytes.ts";
import { bytesFromTypedArray, typedArrayFromBytes } from "./typed-array-bytes.ts";

/** Carries large bytes beside a message, so that they need not be copied into it. */
export interface AttachedBytes {
  /** Takes bytes out of a message; `undefined` leaves them in it. At most 65,536 in one message. */
  put(bytes: Uint8Array): number | undefined;
  /** The bytes that a message refers to; `undefined` if none travelled under that number. */
  get(index: number): Uint8Array | undefined;
}

/** Maps, sets and causes within each other; each level is walked and copied once more. */
const MAX_NESTING = 16;

/**
 * Tells writer and reader what to do with every object they meet: plain objects and arrays are
 * theirs, values with an extension type become bytes and back, everything else is refused here.
 */
export class RichValues implements FromExtension {
  readonly #maxRichValues: number;
  readonly #encodeNested: (array: readonly unknown[]) => Uint8Array;
  /** Of the message in hand. */
  attached: AttachedBytes | undefined;
  #richValues = 0;
  #nesting = 0;

  constructor(maxRichValues: number, encodeNested: (array: readonly unknown[]) => Uint8Array) {
    this.#maxRichValues = maxRichValues;
    this.#encodeNested = encodeNested;
  }

  /** Before each message: its rich values are counted anew. Returns what was attached before. */
  start(attached: AttachedBytes | undefined): AttachedBytes | undefined {
    const outer = this.attached;
    this.attached = attached;
    this.#richValues = 0;
    this.#nesting = 0;
    return outer;
  }

  /**
   * Asked by the writer for every value that is neither a plain scalar nor an array; `undefined`
   * for plain objects, and bytes that stay in the message.
   *
   * @throws `INVALID_ARGUMENT` for what cannot travel, `TOO_LARGE` beyond a limit.
   */
  tryToEncode(value: unknown): Extension | undefined {
    if (typeof value === "bigint") return { type: EXTENSION_BIGINT, data: bytesFromBigint(value) };
    if (typeof value !== "object" || value === null) throw untransportable(typeof value);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) return undefined;
    if (ArrayBuffer.isView(value)) return this.#view(value);
    return this.#instance(value);
  }

  /** @throws `PROTOCOL_VIOLATION` for bytes that this type cannot have */
  fromBytes(data: Uint8Array, type: number): unknown {
    switch (type) {
      case EXTENSION_DATE:
        return dateFromBytes(data);
      case EXTENSION_BIGINT:
        return bigintFromBytes(data);
      case EXTENSION_BUFFER:
        return data.slice().buffer;
      case EXTENSION_TYPED_ARRAY:
        return typedArrayFromBytes(data);
      default:
        return this.#detached(data);
    }
  }

  /** @throws `PROTOCOL_VIOLATION` for an array that this type cannot have */
  fromArray(array: readonly unknown[], type: number): unknown {
    if (type === EXTENSION_MAP) return mapFromArray(array);
    return type === EXTENSION_SET ? new Set(array) : errorFromParts(array);
  }

  #view(value: ArrayBufferView): Extension | undefined {
    const kind = viewKind(value);
    if (kind === "Uint8Array") return this.#bytes(value as Uint8Array);
    if (kind === "DataView") throw untransportable("DataView");
    return { type: EXTENSION_TYPED_ARRAY, data: bytesFromTypedArray(value as TypedArray, kind) };
  }

  #bytes(bytes: Uint8Array): Extension | undefined {
    const index = this.attached?.put(bytes);
    if (index === undefined) return undefined;
    return { type: EXTENSION_ATTACHMENT, data: Uint8Array.of(index >> 8, index) };
  }

  #detached(data: Uint8Array): Uint8Array {
    const [high = 0, low = 0] = data;
    const bytes = data.length === 2 ? this.attached?.get(high * 256 + low) : undefined;
    if (bytes) return bytes;
    throw new SealwireError("PROTOCOL_VIOLATION", "msgpack refers to bytes that did not travel");
  }

  #instance(value: object): Extension | undefined {
    if (value instanceof Date) return { type: EXTENSION_DATE, data: bytesFromDate(value) };
    if (value instanceof Map) return this.#nest(EXTENSION_MAP, [...value].flat(1));
    if (value instanceof Set) return this.#nest(EXTENSION_SET, [...value]);
    if (value instanceof Error) return this.#error(value);
    if (value instanceof ArrayBuffer) {
      return { type: EXTENSION_BUFFER, data: new Uint8Array(value) };
    }
    // An object of another realm (a frame, a vm context) is plain although its prototype is not ours.
    const prototype: unknown = Object.getPrototypeOf(value);
    if (Object.getPrototypeOf(prototype) === null) return undefined;
    throw untransportable(`object of class ${className(value)}`);
  }

  #error(error: Error): Extension {
    const parts = partsFromError(error);
    try {
      return this.#nest(EXTENSION_ERROR, parts);
    } catch {
      // A cause may be anything, also a socket: the error is worth more than its cause.
      return this.#nest(EXTENSION_ERROR, [...parts.slice(0, 3), null]);
    }
  }

  #nest(type: number, array: readonly unknown[]): Extension {
    if (this.#nesting >= MAX_NESTING) {
      throw new SealwireError(
        "INVALID_ARGUMENT",
        `maps, sets or errors are nested deeper than ${MAX_NESTING}`,
      );
    }
    if (++this.#richValues > this.#maxRichValues) {
      const [count, highest] = [this.#richValues, this.#maxRichValues];
      throw tooLarge("message", count, "maxRichValues", highest, "rich values");
    }
    this.#nesting++;
    try {
      return { type, data: this.#encodeNested(array) };
    } finally {
      this.#nesting--;
    }
  }
}

function viewKind(value: ArrayBufferView): string {
  // The tag lies on a getter that subclasses inherit, so a Buffer says Uint8Array here.
  return value instanceof DataView ? "DataView" : String(Reflect.get(value, Symbol.toStringTag));
}

function mapFromArray(array: readonly unknown[]): Map<unknown, unknown> {
  if (array.length % 2 !== 0) {
    throw new SealwireError("PROTOCOL_VIOLATION", "msgpack has a map with a key without a value");
  }
  const map = new Map<unknown, unknown>();
  for (let i = 0; i < array.length; i += 2) map.set(array[i], array[i + 1]);
  return map;
}

function className(value: object): string {
  const made: unknown = Reflect.get(value, "constructor");
  return typeof made === "function" && made.name !== "" ? made.name : "unknown";
}

function untransportable(what: string): SealwireError {
  return new SealwireError(
    "INVALID_ARGUMENT",
    `a value of type ${what} cannot travel; send plain values, ` +
      "bytes, bigint, Date, Map, Set or Error",
  );
}
