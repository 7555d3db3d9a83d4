import { SealwireError } from "../../core/model/errors.ts";
import type { CipherState } from "../../crypto/cipher-state.ts";
import { TAG_BYTES } from "../../crypto/provider.ts";
import type { FramePool } from "./frame-pool.ts";

export { RECORD } from "./record-types.ts";

/** Set on the type of a record whose content was filled up to hide its length. */
const PADDED = 0x80;
/** Bytes around the content of a record: its type and the tag. */
const RECORD_OVERHEAD_BYTES: number = 1 + TAG_BYTES;
/** Bytes at the end of a padded content that tell how many were added, themselves included. */
const PADDING_COUNT_BYTES = 4;

/** An opened record. */
export interface OpenedRecord {
  readonly type: number;
  readonly content: Uint8Array;
}

/** Type bytes as associated data, made once. */
const AD: readonly Uint8Array[] = Array.from({ length: 256 }, (_, type) => Uint8Array.of(type));
const NOTHING = new Uint8Array(0);

/**
 * Seals records for the peer and opens its own. Each direction counts its records in the nonce;
 * nothing on the wire says which record it is, so a lost, doubled or reordered one fails its tag.
 */
export class RecordLayer {
  readonly #send: CipherState;
  readonly #receive: CipherState;
  readonly #paddingBytes: number;
  readonly #pool: FramePool | undefined;

  /** `paddingBytes`: contents are filled up to a multiple of it; 0 for none. */
  constructor(send: CipherState, receive: CipherState, paddingBytes = 0, pool?: FramePool) {
    this.#pool = pool;
    this.#send = send;
    this.#receive = receive;
    this.#paddingBytes = paddingBytes;
  }

  /** How many records were sealed with this key and those that followed from it by `rekeySend`. */
  get sealed(): number {
    return this.#send.nonce;
  }

  /** How many records of the peer were opened, counted in the same way. */
  get opened(): number {
    return this.#receive.nonce;
  }

  /** How long the frame of so much content is. */
  frameBytes(contentBytes: number): number {
    return this.#paddedBytes(contentBytes) + RECORD_OVERHEAD_BYTES;
  }

  seal(type: number, content: Uint8Array): Uint8Array {
    if (this.#paddingBytes > 0) return this.#seal(type | PADDED, this.#pad(content));
    return this.#seal(type, content);
  }

  /**
   * Opens a frame in place: the content is a view of it.
   *
   * @throws `RECORD_REJECTED` when the tag does not fit; the channel cannot go on then.
   */
  open(frame: Uint8Array): OpenedRecord {
    if (frame.length < RECORD_OVERHEAD_BYTES) throw rejected("it is too short");
    const type = frame[0] ?? 0;
    const content = frame.subarray(1, frame.length - TAG_BYTES);
    this.#receive.open(AD[type] ?? NOTHING, frame.subarray(1), content);
    if ((type & PADDED) === 0) return { type, content };
    return { type: type & ~PADDED, content: unpad(content) };
  }

  /** A frame of `seal` has left; its memory may be used for the next. */
  release(frame: Uint8Array): void {
    this.#pool?.give(frame);
  }

  /** Our own direction goes on with a new key, `REKEY()` of the Noise specification, 4.2. */
  rekeySend(): void {
    this.#send.rekey();
  }

  /** The peer's direction does. */
  rekeyReceive(): void {
    this.#receive.rekey();
  }

  #seal(type: number, content: Uint8Array): Uint8Array {
    const length = content.length + RECORD_OVERHEAD_BYTES;
    const frame = this.#pool?.take(length) ?? new Uint8Array(length);
    frame[0] = type;
    this.#send.seal(AD[type] ?? NOTHING, content, frame.subarray(1));
    return frame;
  }

  #pad(content: Uint8Array): Uint8Array {
    const length = this.#paddedBytes(content.length);
    const padded = new Uint8Array(length);
    padded.set(content);
    new DataView(padded.buffer).setUint32(length - PADDING_COUNT_BYTES, length - content.length);
    return padded;
  }

  #paddedBytes(contentBytes: number): number {
    if (this.#paddingBytes === 0) return contentBytes;
    const least = contentBytes + PADDING_COUNT_BYTES;
    return Math.ceil(least / this.#paddingBytes) * this.#paddingBytes;
  }
}

function unpad(content: Uint8Array): Uint8Array {
  const { length } = content;
  if (length < PADDING_COUNT_BYTES) throw rejected("its padding is malformed");
  const view = new DataView(content.buffer, content.byteOffset, length);
  const added = view.getUint32(length - PADDING_COUNT_BYTES);
  if (added < PADDING_COUNT_BYTES || added > length) throw rejected("its padding is malformed");
  return content.subarray(0, length - added);
}

function rejected(why: string): SealwireError {
  return new SealwireError("RECORD_REJECTED", `a record was refused: ${why}`);
}
