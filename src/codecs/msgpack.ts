import { Decoder, Encoder } from "@msgpack/msgpack";
import { SealwireError } from "../core/model/errors.ts";
import type { MsgpackLimits } from "./msgpack-limits.ts";
import { checkedLimits } from "./msgpack-limits.ts";
import { type AttachedBytes, RichValues } from "./rich-values.ts";
import { Skimmer } from "./skim.ts";
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

/**
 * Beyond it the encoder's buffer is given away instead of copied, and never kept for later: each
 * connection has a codec, and one large message each must not stay in memory ten thousand times.
 */
const RETAINED_BYTES = 32 * 1024;
/** Where that buffer starts; most connections are idle, and it grows by itself. */
const INITIAL_BYTES = 256;

/**
 * Values as msgpack. Besides what JSON knows, these arrive as what they were: bytes
 * (`Uint8Array`; on arrival views of the received bytes), `bigint`, `Date`, `Map`, `Set`, `Error`
 * (name, message, code and cause; never the stack), `ArrayBuffer` and typed arrays.
 *
 * Surprises: `undefined` is left out of objects and is `null` elsewhere; `-0` becomes `0`; half a
 * surrogate pair becomes U+FFFD in a long string; the class of any other object is refused rather
 * than lost, and so are functions and symbols. Integers from other languages beyond 2^53 are
 * refused, because a number would change them: they travel as the `bigint` extension. What `encode` gives has passed the same check that `decode`
 * makes, so a codec with the same limits accepts it.
 *
 * With `attached`, bytes may travel beside the message instead of in it: asked for each
 * `Uint8Array`, it takes those it wants to carry, and brings them when they are referred to.
 *
 * @throws `INVALID_ARGUMENT` for an impossible limit.
 */
export function msgpackCodec(limits: MsgpackLimits = {}, attached?: AttachedBytes): MsgpackCodec {
  const bounds = checkedLimits(limits);
  const skimmer = new Skimmer(bounds);
  const nested: ValueCodec = {
    encode: (value) => encoder.encode(value),
    decode: (bytes) => decoder.decode(bytes),
  };
  const rich: RichValues = new RichValues(bounds, nested, attached);
  let encoder = newEncoder(rich, bounds);
  const decoder = new Decoder({ extensionCodec: rich });

  function encodeShared(value: unknown): Uint8Array {
    rich.start();
    const bytes = encodeSafely(encoder, value);
    if (bytes.length > RETAINED_BYTES) encoder = newEncoder(rich, bounds);
    refuseUnreadable(skimmer, bytes);
    return bytes;
  }

  return {
    encodeShared,
    encode(value) {
      const bytes = encodeShared(value);
      return bytes.length > RETAINED_BYTES ? bytes : bytes.slice();
    },
    decode(bytes) {
      const plain = plainBytes(bytes);
      skimmer.check(plain);
      return decodeSafely(decoder, plain);
    },
  };
}

function newEncoder(rich: RichValues, bounds: Required<MsgpackLimits>): Encoder {
  // The library counts the innermost value as a level of its own.
  return new Encoder({
    extensionCodec: rich,
    maxDepth: bounds.maxDepth + 1,
    ignoreUndefined: true,
    initialBufferSize: INITIAL_BYTES,
  });
}

function encodeSafely(encoder: Encoder, value: unknown): Uint8Array {
  try {
    return encoder.encodeSharedRef(value);
  } catch (thrown) {
    throw encodingFailure(thrown);
  }
}

function encodingFailure(thrown: unknown): SealwireError {
  if (thrown instanceof SealwireError) return thrown;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  if (text.startsWith("Too deep")) {
    return new SealwireError(
      "INVALID_ARGUMENT",
      "the value is nested too deeply or contains itself; send a flatter value or raise maxDepth",
    );
  }
  if (thrown instanceof RangeError) {
    return new SealwireError("TOO_LARGE", "the value is too large to encode", { cause: thrown });
  }
  return new SealwireError("INVALID_ARGUMENT", `the value cannot be encoded: ${text}`, {
    cause: thrown,
  });
}

function refuseUnreadable(skimmer: Skimmer, bytes: Uint8Array): void {
  try {
    skimmer.check(bytes);
  } catch (thrown) {
    const refusal = SealwireError.from(thrown);
    if (refusal.code === "TOO_LARGE") throw refusal;
    throw new SealwireError("INVALID_ARGUMENT", `the value cannot travel: its ${refusal.message}`);
  }
}

/** A subclass such as Node's `Buffer` would pass itself on to every view that is made of it. */
function plainBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.constructor === Uint8Array) return bytes;
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function decodeSafely(decoder: Decoder, bytes: Uint8Array): unknown {
  try {
    return decoder.decode(bytes);
  } catch (thrown) {
    if (thrown instanceof SealwireError) throw thrown;
    throw new SealwireError("PROTOCOL_VIOLATION", "msgpack holds a value that cannot be read", {
      cause: thrown,
    });
  }
}
