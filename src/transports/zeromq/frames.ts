import type { ByteQueue } from "../../bytes/byte-queue.ts";
import { tooLarge, violation } from "./failures.ts";

/** More parts of the same message follow. */
export const MORE = 0x01;
/** The length has eight bytes instead of one. */
const LONG = 0x02;
/** The frame is a command, not a part of a message. */
export const COMMAND = 0x04;

const SHORT_HEADER_BYTES = 2;
const LONG_HEADER_BYTES = 9;
const LONGEST_SHORT = 255;

/**
 * Takes frames of ZMTP (RFC 37, section 3.3) from received bytes. Lengths may come in the long
 * form although they would fit in the short one; libzmq reads that too.
 */
export class FrameReader {
  /** A frame that announces more is refused before it has come. */
  maxFrameBytes: number;
  /** `MORE` and `COMMAND` of the frame that was taken last. */
  flags = 0;
  readonly #received: ByteQueue;
  readonly #option: string;

  /** `option` is the one that sets the limit, for those who meet it. */
  constructor(received: ByteQueue, maxFrameBytes: number, option: string) {
    this.#received = received;
    this.maxFrameBytes = maxFrameBytes;
    this.#option = option;
  }

  /**
   * The content of the next frame, once all of it is there.
   *
   * @throws `TOO_LARGE` for one longer than `maxFrameBytes`, `PROTOCOL_VIOLATION` for flags that
   *   mean nothing
   */
  next(): Uint8Array | undefined {
    const received = this.#received;
    if (received.length < SHORT_HEADER_BYTES) return undefined;
    const flags = received.byteAt(0);
    checkFlags(flags);
    const long = (flags & LONG) !== 0;
    const headerBytes = long ? LONG_HEADER_BYTES : SHORT_HEADER_BYTES;
    if (received.length < headerBytes) return undefined;
    const length = long ? longLength(received) : received.byteAt(1);
    if (length > this.maxFrameBytes) {
      throw tooLarge(`a frame of ${length} bytes`, this.#option, this.maxFrameBytes);
    }
    if (received.length < headerBytes + length) return undefined;
    received.skip(headerBytes);
    this.flags = flags & (MORE | COMMAND);
    return received.take(length);
  }
}

function checkFlags(flags: number): void {
  if (flags <= (MORE | LONG | COMMAND) && (flags & (MORE | COMMAND)) !== (MORE | COMMAND)) return;
  const found = `a frame with flags 0x${flags.toString(16)}`;
  throw violation(found, "a part (0 to 3) or a command (4 or 6)");
}

function longLength(received: ByteQueue): number {
  let length = 0;
  // Beyond 2^53 this loses precision, not size: it is too large all the same.
  for (let at = 1; at < LONG_HEADER_BYTES; at++) length = length * 256 + received.byteAt(at);
  return length;
}

/** A frame's header with room for what follows it at once: `[header, room]` in one piece. */
export function frameHeader(flags: number, length: number, roomBytes = 0): Uint8Array {
  const short = length + roomBytes <= LONGEST_SHORT;
  const headerBytes = short ? SHORT_HEADER_BYTES : LONG_HEADER_BYTES;
  const header = new Uint8Array(headerBytes + roomBytes);
  header[0] = short ? flags : flags | LONG;
  writeLength(header, 1, headerBytes - 1, length + roomBytes);
  return header;
}

/** What stands before a body: the empty delimiter as a part of its own, and the body's header. */
export function bodyHeader(length: number): Uint8Array {
  const short = length <= LONGEST_SHORT;
  const header = new Uint8Array(short ? 4 : 11);
  header[0] = MORE;
  header[2] = short ? 0 : LONG;
  writeLength(header, 3, short ? 1 : 8, length);
  return header;
}

function writeLength(header: Uint8Array, at: number, bytes: number, length: number): void {
  let rest = length;
  for (let i = at + bytes - 1; i >= at && rest > 0; i--) {
    header[i] = rest & 0xff;
    rest = Math.floor(rest / 256);
  }
}
