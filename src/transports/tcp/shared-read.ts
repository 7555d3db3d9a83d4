import { type OnReadOpts, Socket } from "node:net";

/** So that several frames of 64 KiB come in one piece and need not be joined. */
const READ_BYTES = 262_144;
const SLAB_BYTES = 16_384;

/** The stop between a socket and whoever takes its bytes at the moment. */
export interface Tap {
  readonly onread: OnReadOpts;
  /** Takes a chunk for ever; returns whether the socket should go on reading. */
  deliver: (chunk: Uint8Array) => boolean;
}

/**
 * Reads many sockets through one buffer, which is the fastest way in Node: no buffer is made for
 * a read that brings twenty bytes, and what arrived is copied out to the size it has.
 */
export class SharedRead {
  readonly #buffer = new Uint8Array(READ_BYTES);
  #slab = new Uint8Array(SLAB_BYTES);
  #used = 0;

  /**
   * Whether this platform can. On Windows a read owns its buffer until it is finished, so one
   * buffer cannot serve several sockets.
   */
  static readonly supported: boolean = process.platform !== "win32";

  /** For one socket: its `onread` option, and where its bytes go. */
  tap(): Tap {
    const tap: Tap = {
      onread: {
        buffer: this.#buffer,
        callback: (length) => tap.deliver(this.#copy(length)),
      },
      deliver: () => false,
    };
    return tap;
  }

  #copy(length: number): Uint8Array {
    if (length * 4 > SLAB_BYTES) return this.#buffer.slice(0, length);
    if (this.#used + length > SLAB_BYTES) {
      this.#slab = new Uint8Array(SLAB_BYTES);
      this.#used = 0;
    }
    const chunk = this.#slab.subarray(this.#used, this.#used + length);
    chunk.set(this.#buffer.subarray(0, length));
    this.#used += length;
    return chunk;
  }
}

/**
 * The same connection as a socket that reads through a tap. `onread` can only be given when a
 * socket is made, and a server makes its sockets itself; so the handle moves into a new one.
 * `undefined` where the handle cannot be had: then the socket's events must do.
 *
 * The handle is not public, but has been so since Node 13; proven with Node 20, 22 and 24.
 */
export function withTap(accepted: Socket, tap: Tap, writeBufferBytes: number): Socket | undefined {
  const handle: unknown = Reflect.get(accepted, "_handle");
  if (typeof handle !== "object" || handle === null || !("useUserBuffer" in handle)) {
    return undefined;
  }
  const options = {
    handle,
    onread: tap.onread,
    allowHalfOpen: true,
    pauseOnCreate: true,
    writableHighWaterMark: writeBufferBytes,
  };
  const socket = new Socket(options);
  Reflect.set(accepted, "_handle", null);
  accepted.destroy();
  return socket;
}
