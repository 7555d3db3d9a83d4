import type { Socket } from "node:net";
import { Inbox } from "../../bytes/inbox.ts";
import { join } from "../../bytes/join.ts";
import type { Channel } from "../../core/contracts/transport.ts";
import { Gate } from "../../core/engine/gate.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { showAddress } from "./address.ts";
import { lost } from "./failures.ts";
import type { TcpLimits } from "./options.ts";
import type { Tap } from "./shared-read.ts";

/** What a waiting chunk costs beside its bytes, so that tiny chunks are bounded too. */
const CHUNK_COST_BYTES = 64;

/** What a channel needs to know of its socket. */
export interface SocketChannelOptions {
  readonly limits: TcpLimits;
  /** How the socket is read. Absent: by its `data` events. */
  readonly tap?: Tap | undefined;
  readonly protection?: { readonly by: string };
}

/**
 * A connected socket, plain or TLS, as a channel. The socket must be paused: it is first read when
 * the first chunk is asked for, so that a layer can still have it.
 */
export class SocketChannel implements Channel {
  readonly boundaries = "lost";
  readonly remote: string;
  readonly protection?: { readonly by: string };
  readonly #socket: Socket;
  readonly #limits: TcpLimits;
  readonly #tap: Tap | undefined;
  readonly #inbox: Inbox<Uint8Array>;
  readonly #gate = new Gate();
  #state: "open" | "closing" | "detached" = "open";

  constructor(socket: Socket, { limits, tap, protection }: SocketChannelOptions) {
    this.#socket = socket;
    this.#limits = limits;
    this.#tap = tap;
    this.remote = showAddress(socket.remoteAddress, socket.remotePort);
    if (protection !== undefined) this.protection = protection;
    this.#inbox = new Inbox({
      maxWaiting: limits.maxWaitingBytes,
      weigh: (chunk) => chunk.length + CHUNK_COST_BYTES,
      onWanted: () => socket.resume(),
    });
    this.#attach();
  }

  /** Never rejects: the loss of the path is told to the reader, who is always there. */
  write(chunks: readonly Uint8Array[], release?: () => void): Promise<void> | undefined {
    const socket = this.#socket;
    if (this.#state !== "open" || !socket.writable) {
      release?.();
      return undefined;
    }
    return writeTogether(socket, chunks, release) ? undefined : this.#gate.wait();
  }

  async close(reason?: Error): Promise<void> {
    if (this.#state === "detached") return;
    this.#inbox.end(reason);
    this.#inbox.drain();
    if (reason !== undefined) this.#socket.destroy();
    else if (this.#state === "open") this.#endInOrder();
    this.#state = "closing";
    this.#gate.open();
    if (this.#socket.closed) return;
    await new Promise<void>((resolve) => this.#socket.once("close", () => resolve()));
  }

  /** @throws `UNAVAILABLE` when the peer has left already. */
  detach(head: Uint8Array): Socket {
    const socket = this.#socket;
    if (this.#state !== "open" || socket.readableEnded || socket.destroyed) {
      throw lost(this.remote);
    }
    this.#state = "detached";
    socket.pause();
    this.#release();
    for (const chunk of this.#inbox.drain().reverse()) socket.unshift(chunk);
    if (head.length > 0) socket.unshift(head);
    this.#inbox.end(new SealwireError("INTERNAL", "the channel was handed to a layer"));
    this.#gate.open();
    return socket;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return this.#inbox;
  }

  #attach(): void {
    const socket = this.#socket;
    if (this.#tap === undefined) socket.on("data", this.#onData);
    else this.#tap.deliver = (chunk) => this.#inbox.put(chunk);
    // A socket that got a `data` listener before it was paused would flow on its own.
    socket.pause();
    socket.on("end", this.#onEnd).on("error", this.#onError);
    socket.on("drain", this.#onDrain).on("close", this.#onClose);
  }

  #release(): void {
    const socket = this.#socket;
    if (this.#tap !== undefined) this.#tap.deliver = (chunk) => socket.push(chunk);
    socket.off("data", this.#onData).off("end", this.#onEnd).off("error", this.#onError);
    socket.off("drain", this.#onDrain).off("close", this.#onClose);
  }

  readonly #onData = (chunk: Uint8Array): void => {
    // Not a Buffer: whoever calls `slice` on it wants a copy.
    const plain = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (!this.#inbox.put(plain)) this.#socket.pause();
  };

  readonly #onEnd = (): void => this.#inbox.end();

  readonly #onError = (error: Error): void => this.#inbox.end(lost(this.remote, error));

  readonly #onDrain = (): void => this.#gate.open();

  readonly #onClose = (): void => {
    this.#inbox.end(lost(this.remote));
    this.#gate.open();
  };

  #endInOrder(): void {
    const socket = this.#socket;
    const timer = setTimeout(() => socket.destroy(), this.#limits.closeTimeoutMs);
    socket.once("close", () => clearTimeout(timer));
    socket.end();
    // Closing with unread bytes would reset the connection and destroy what is on its way.
    socket.resume();
  }
}

/** Returns whether there is room for more. */
function writeTogether(
  socket: Socket,
  chunks: readonly Uint8Array[],
  release: (() => void) | undefined,
): boolean {
  const last = chunks[chunks.length - 1];
  if (last === undefined || worthJoining(chunks)) {
    const joined = join(chunks);
    release?.();
    return joined.length === 0 || socket.write(joined);
  }
  socket.cork();
  for (let i = 0; i < chunks.length - 1; i++) socket.write(chunks[i] ?? last);
  const room = socket.write(last, release);
  socket.uncork();
  return room;
}

/** Up to here one copy is cheaper than a write of several parts. */
const JOIN_UP_TO_BYTES = 2_048;

/**
 * Few small chunks, a header and its frame, leave cheaper as one (4 of 60 microseconds a call,
 * Node 20). So do many, as dialects with a frame for each message have them: half the cost, 16
 * against 32 microseconds for 128 chunks of 64 bytes (Node 22). Large ones would cost more.
 */
function worthJoining(chunks: readonly Uint8Array[]): boolean {
  let bytes = 0;
  for (const chunk of chunks) bytes += chunk.length;
  return bytes <= JOIN_UP_TO_BYTES || (chunks.length >= 8 && bytes <= chunks.length * 512);
}
