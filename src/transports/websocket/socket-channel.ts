import type { Duplex } from "node:stream";
import type { RawData, WebSocket } from "ws";
import { Inbox } from "../../bytes/inbox.ts";
import type { Channel } from "../../core/contracts/transport.ts";
import { Gate } from "../../core/engine/gate.ts";
import { systemCode } from "../../core/engine/system-errors.ts";
import { SealwireError } from "../../core/model/errors.ts";
import {
  closeCodeOf,
  failureOf,
  NORMAL_CLOSURE,
  UNSUPPORTED_DATA,
  wrongKind,
} from "./close-codes.ts";
import type { WebSocketLimits } from "./options.ts";

/** What a waiting chunk costs beside its bytes, so that tiny messages are bounded too. */
const CHUNK_COST_BYTES = 64;

/** What a channel must know that its WebSocket does not tell. */
export interface WebSocketChannelOptions {
  readonly limits: WebSocketLimits;
  readonly remote: string;
  readonly protection?: Channel["protection"];
}

/** An open WebSocket of the `ws` library as a channel: one chunk is one message. */
export class WebSocketChannel implements Channel {
  readonly boundaries = "kept";
  readonly remote: string;
  readonly protection?: { readonly by: string; readonly remoteKey?: Uint8Array };
  /** As long as nobody has said which, both kinds are received and binary is sent. */
  text?: boolean;
  readonly #webSocket: WebSocket;
  readonly #socket: Duplex;
  readonly #limits: WebSocketLimits;
  readonly #inbox: Inbox<Uint8Array>;
  readonly #gate = new Gate();
  #closing = false;

  constructor(webSocket: WebSocket, socket: Duplex, options: WebSocketChannelOptions) {
    const { limits, remote, protection } = options;
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#limits = limits;
    this.remote = remote;
    if (protection !== undefined) this.protection = protection;
    this.#inbox = new Inbox({
      maxWaiting: limits.maxWaitingBytes,
      weigh: (chunk) => chunk.length + CHUNK_COST_BYTES,
      onWanted: () => webSocket.resume(),
    });
    this.#attach();
  }

  /** Never rejects: the loss of the path is told to the reader, who is always there. */
  write(chunks: readonly Uint8Array[], release?: () => void): Promise<void> | undefined {
    const webSocket = this.#webSocket;
    const last = chunks.length - 1;
    if (last < 0 || webSocket.readyState !== webSocket.OPEN) {
      release?.();
      return undefined;
    }
    const binary = this.text !== true;
    this.#socket.cork();
    chunks.forEach((chunk, i) => {
      webSocket.send(chunk, { binary }, i === last ? () => release?.() : undefined);
    });
    this.#socket.uncork();
    return webSocket.bufferedAmount > this.#limits.writeBufferBytes ? this.#gate.wait() : undefined;
  }

  async close(reason?: Error): Promise<void> {
    const webSocket = this.#webSocket;
    this.#inbox.end(reason);
    this.#inbox.drain();
    this.#gate.open();
    if (reason !== undefined) this.#abort(closeCodeOf(reason));
    else if (!this.#closing) this.#endInOrder();
    this.#closing = true;
    if (webSocket.readyState === webSocket.CLOSED) return;
    await new Promise<void>((resolve) => webSocket.once("close", () => resolve()));
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return this.#inbox;
  }

  #attach(): void {
    const webSocket = this.#webSocket;
    webSocket.pause();
    webSocket.on("message", (data, binary) => this.#receive(data, binary));
    webSocket.on("error", (error) => this.#inbox.end(broken(this.remote, error)));
    webSocket.on("close", (code, reason) => {
      this.#inbox.end(failureOf(code, reason.toString(), this.remote));
      this.#gate.open();
    });
    this.#socket.on("drain", () => this.#gate.open());
  }

  #receive(data: RawData, binary: boolean): void {
    if (this.text === false && !binary) {
      this.#inbox.end(wrongKind(this.remote, false));
      this.#abort(UNSUPPORTED_DATA);
      return;
    }
    // Dialects of text answer what is none; an empty frame stands for it, as it never means anything.
    const foreign = this.text === true && binary;
    if (!this.#inbox.put(foreign ? NO_BYTES : bytesOf(data))) this.#webSocket.pause();
  }

  /** What says why is still sent if the system takes it at once; nothing is waited for. */
  #abort(code: number): void {
    if (this.#webSocket.readyState === this.#webSocket.OPEN) this.#webSocket.close(code);
    this.#webSocket.terminate();
  }

  #endInOrder(): void {
    const webSocket = this.#webSocket;
    const timer = setTimeout(() => webSocket.terminate(), this.#limits.closeTimeoutMs);
    webSocket.once("close", () => clearTimeout(timer));
    webSocket.close(NORMAL_CLOSURE);
    // The peer's closing frame comes after all that it has sent and nobody wants any more.
    webSocket.resume();
  }
}

const NO_BYTES = new Uint8Array(0);

function bytesOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return bytesOf(Buffer.concat(data));
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  // Not a Buffer: whoever calls `slice` on it wants a copy.
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function broken(remote: string, cause: Error): SealwireError {
  const code = systemCode(cause) ?? "";
  if (code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH") {
    const message = `${remote} sent more in one message than maxFrameBytes allows`;
    return new SealwireError("TOO_LARGE", message, { cause });
  }
  if (code.startsWith("WS_ERR_")) {
    const message = `${remote} does not keep to RFC 6455: ${cause.message}`;
    return new SealwireError("PROTOCOL_VIOLATION", message, { cause });
  }
  const message = `the path to ${remote} was lost (${code || cause.message}); connect again`;
  return new SealwireError("UNAVAILABLE", message, { cause });
}
