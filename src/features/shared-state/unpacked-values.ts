import { msgpackCodec } from "../../codecs/msgpack.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { applyDelta } from "./byte-delta.ts";

/** What a client makes of one value is bounded as one message is. */
const MAX_UNPACKED_BYTES = 134_217_728;

const CODEC = msgpackCodec();

/**
 * Keeps the bytes of the large values that one watch has told, on which the server builds. Bytes,
 * because nobody else can change them.
 */
export class UnpackedValues {
  readonly #known = new Map<string, { readonly version: number; readonly bytes: Uint8Array }>();

  /**
   * An item of the wire with its value, whichever way that came.
   *
   * @throws `PROTOCOL_VIOLATION`, `TOO_LARGE` for bytes from which no value can be made
   */
  plain(item: unknown): unknown {
    if (typeof item !== "object" || item === null) return item;
    const { name, version, packed, delta, from, ...rest }: Fields = { ...item };
    if (typeof name !== "string" || typeof version !== "number") return item;
    if (packed === undefined && delta === undefined) {
      this.#known.delete(name);
      return item;
    }
    const bytes = packed instanceof Uint8Array ? packed : this.#changed(name, from, delta);
    this.#known.set(name, { version, bytes });
    // A copy: bytes within the value are views of those that are decoded.
    return { ...rest, name, version, value: CODEC.decode(bytes.slice()) };
  }

  #changed(name: string, from: unknown, delta: unknown): Uint8Array {
    const known = this.#known.get(name);
    if (known?.version === from && known && delta instanceof Uint8Array) {
      return applyDelta(known.bytes, delta, MAX_UNPACKED_BYTES);
    }
    const message = "bytes of a shared variable are none, or for a version that was never told";
    throw new SealwireError("PROTOCOL_VIOLATION", message);
  }
}

type Fields = Readonly<Partial<Record<string, unknown>>>;
