import type { Compression } from "../../codecs/compression.ts";
import type { MsgpackCodec } from "../../codecs/msgpack.ts";
import { KIND_PACKED } from "./kinds.ts";
import type { NativeSettings } from "./options.ts";

/**
 * Single messages made smaller, where both sides offer it. Loaded when they do.
 */
export class Packing {
  readonly #compression: Compression;
  readonly #aboveBytes: number;
  /** Wraps what was compressed; apart, since the session's would attach it to a finished part. */
  readonly #codec: MsgpackCodec;

  constructor(
    compression: Compression,
    { compressAboveBytes }: Pick<NativeSettings, "compressAboveBytes">,
    codec: MsgpackCodec,
  ) {
    this.#compression = compression;
    this.#aboveBytes = compressAboveBytes;
    this.#codec = codec;
  }

  /** A batch inside a batch, or the same where that would not be smaller. */
  pack(content: Uint8Array): Uint8Array {
    const { length } = content;
    // What is larger than a peer unpacks must travel as it is.
    if (length < this.#aboveBytes || length > MAX_UNPACKED_BYTES) return content;
    const packed = this.#codec.encode([KIND_PACKED, this.#compression.compress(content)]);
    return packed.length < length ? packed : content;
  }

  /** @throws `TOO_LARGE` beyond what a message may grow to, `PROTOCOL_VIOLATION` for nonsense */
  unpack(bytes: Uint8Array): Uint8Array {
    return this.#compression.decompress(bytes, MAX_UNPACKED_BYTES);
  }
}

/** What a compressed message may grow to. */
const MAX_UNPACKED_BYTES = 16_777_216;
