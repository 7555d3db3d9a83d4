import { SealwireError } from "../core/model/errors.ts";
import type { MsgpackLimits } from "./msgpack-limits.ts";
import { checkedLimits } from "./msgpack-limits.ts";
import { MsgpackReader } from "./msgpack-reader.ts";
import { MsgpackWriter } from "./msgpack-writer.ts";
import { type AttachedBytes, RichValues } from "./rich-values.ts";
import type { ValueCodec } from "./value-codec.ts";

/** A msgpack codec, with a second `encode` for those who need the bytes only for a moment. */
export interface MsgpackCodec extends ValueCodec {
  /**
   * Like `encode` without the copy: the bytes are valid until the next call of this codec.
   *
   * @throws `INVALID_ARGUMENT`, `TOO_LARGE` like `encode`.
   */
  encodeShared(value: unknown): Uint8Array;
}

/** Makes codecs that share their buffers; each may have bytes attached of its own. */
export type MsgpackCodecs = (attached?: AttachedBytes) => MsgpackCodec;

/**
 * Values as msgpack. Besides what JSON knows, these arrive as what they were: bytes
 * (`Uint8Array`; on arrival views of the received bytes), `bigint`, `Date`, `Map`, `Set`, `Error`
 * (name, message, code and cause; never the stack), `ArrayBuffer` and typed arrays.
 *
 * Surprises: `undefined` is left out of objects and is `null` elsewhere; `-0` becomes `0`; half a
 * surrogate pair becomes U+FFFD in a long string; the class of any other object is refused rather
 * than lost, and so are functions and symbols. Integers from other languages beyond 2^53 are
 * refused, because a number would change them: they travel as the `bigint` extension. Writing
 * keeps the limits that reading keeps, so a codec with the same ones accepts what `encode` gives.
 *
 * With `attached`, bytes may travel beside the message instead of in it: asked for each
 * `Uint8Array`, it takes those it wants to carry, and brings them when they are referred to.
 *
 * @throws `INVALID_ARGUMENT` for an impossible limit.
 */
export function msgpackCodec(limits: MsgpackLimits = {}, attached?: AttachedBytes): MsgpackCodec {
  return msgpackCodecs(limits)(attached);
}

/**
 * Codecs for many connections with one set of buffers: a codec of one's own keeps four kilobytes
 * for each idle connection. What `encodeShared` of one gives is valid until the next call of any.
 *
 * @throws `INVALID_ARGUMENT` for an impossible limit.
 */
export function msgpackCodecs(limits: MsgpackLimits = {}): MsgpackCodecs {
  const workshop = new Workshop(checkedLimits(limits));
  return (attached) => ({
    encodeShared: (value) => workshop.encode(value, attached),
    encode(value) {
      const bytes = workshop.encode(value, attached);
      return bytes.length > RETAINED_BYTES ? bytes : bytes.slice();
    },
    decode: (bytes) => workshop.decode(bytes, attached),
  });
}

/** Beyond it the encoder's buffer is given away instead of copied, and never kept for later. */
export const RETAINED_BYTES: number = 64 * 1024;

class Workshop {
  readonly #bounds: Required<MsgpackLimits>;
  readonly #rich: RichValues;
  readonly #reader: MsgpackReader;
  #writer: MsgpackWriter;

  constructor(bounds: Required<MsgpackLimits>) {
    this.#bounds = bounds;
    this.#rich = new RichValues(bounds.maxRichValues, (array) => this.#writer.encodeNested(array));
    this.#reader = new MsgpackReader(bounds, this.#rich);
    this.#writer = this.#newWriter();
  }

  encode(value: unknown, attached: AttachedBytes | undefined): Uint8Array {
    // A getter inside the value may encode something for another connection meanwhile.
    const outer = this.#rich.start(attached);
    try {
      const bytes = encodeSafely(this.#writer, value);
      if (bytes.length > RETAINED_BYTES) this.#writer = this.#newWriter();
      return bytes;
    } finally {
      this.#rich.attached = outer;
    }
  }

  decode(bytes: Uint8Array, attached: AttachedBytes | undefined): unknown {
    const outer = this.#rich.attached;
    this.#rich.attached = attached;
    try {
      return decodeSafely(this.#reader, bytes);
    } finally {
      this.#rich.attached = outer;
    }
  }

  #newWriter(): MsgpackWriter {
    return new MsgpackWriter(this.#bounds, (value) => this.#rich.tryToEncode(value));
  }
}

/** The bytes of a value, or why there are none. @throws `INVALID_ARGUMENT`, `TOO_LARGE` */
export function encodeSafely(writer: MsgpackWriter, value: unknown): Uint8Array {
  try {
    return writer.encode(value);
  } catch (thrown) {
    throw encodingFailure(thrown);
  }
}

function encodingFailure(thrown: unknown): SealwireError {
  if (thrown instanceof SealwireError) return thrown;
  if (thrown instanceof RangeError) {
    return new SealwireError("TOO_LARGE", "the value is too large to encode", { cause: thrown });
  }
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return new SealwireError("INVALID_ARGUMENT", `the value cannot be encoded: ${text}`, {
    cause: thrown,
  });
}

/** A subclass such as Node's `Buffer` would pass itself on to every view that is made of it. */
function plainBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.constructor === Uint8Array) return bytes;
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The value of bytes, or why there is none. @throws `PROTOCOL_VIOLATION`, `TOO_LARGE` */
export function decodeSafely(reader: MsgpackReader, bytes: Uint8Array): unknown {
  try {
    return reader.decode(plainBytes(bytes));
  } catch (thrown) {
    if (thrown instanceof SealwireError) throw thrown;
    throw new SealwireError("PROTOCOL_VIOLATION", "msgpack holds a value that cannot be read", {
      cause: thrown,
    });
  }
}
