import { compressZlib, decompressZlib } from "../../codecs/zlib.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { COMPRESSED, type CorrelationId, type Frame, formatFrame, HEADER_BYTES } from "./frame.ts";
import type { NetconduitSettings } from "./options.ts";

/** Smaller payloads, and those of exactly this size, are never compressed. */
const COMPRESS_ABOVE_BYTES = 1_024;

/** A frame with a value in it; without one its payload is empty, which is not the same as nil. */
export interface Content {
  readonly type: number;
  readonly id?: CorrelationId;
  readonly value?: unknown;
}

/**
 * A value as a frame.
 *
 * @throws `INVALID_ARGUMENT` for what cannot travel, `TOO_LARGE` beyond `maxFrameBytes`
 */
export function packFrame(
  { type, id = 0, value }: Content,
  settings: NetconduitSettings,
  maxFrameBytes: number,
): Uint8Array {
  const packed = value === undefined ? NOTHING : settings.codec.encodeShared(value);
  const shorter = settings.compression ? compressed(packed) : undefined;
  const payload = shorter ?? packed;
  if (HEADER_BYTES + payload.length > maxFrameBytes) throw tooLarge(payload.length, maxFrameBytes);
  return formatFrame({ type, flags: shorter ? COMPRESSED : 0, id, payload }, settings.now());
}

/** What a payload holds, and how many bytes came out of it beside its own. */
export interface Unpacked {
  /** `undefined` when there is no payload; nil is `null`. */
  readonly value: unknown;
  readonly unpackedBytes: number;
}

/**
 * The value in a frame. Compressed payloads are always understood, also below the threshold.
 *
 * @throws `PROTOCOL_VIOLATION` for malformed bytes, `TOO_LARGE` beyond a limit
 */
export function unpackFrame({ flags, payload }: Frame, settings: NetconduitSettings): Unpacked {
  if ((flags & COMPRESSED) === 0) return { value: decoded(payload, settings), unpackedBytes: 0 };
  const plain = decompressZlib(payload, settings.maxInflatedBytes);
  return { value: decoded(plain, settings), unpackedBytes: plain.length };
}

function decoded(bytes: Uint8Array, { codec }: NetconduitSettings): unknown {
  return bytes.length === 0 ? undefined : codec.decode(bytes);
}

function compressed(packed: Uint8Array): Uint8Array | undefined {
  if (packed.length <= COMPRESS_ABOVE_BYTES) return undefined;
  const shorter = compressZlib(packed);
  return shorter.length < packed.length ? shorter : undefined;
}

const NOTHING = new Uint8Array(0);

function tooLarge(bytes: number, limit: number): SealwireError {
  const message = `a message of ${bytes} bytes does not fit into a frame of ${limit}; send less`;
  return new SealwireError("TOO_LARGE", message);
}
