import { Inbox } from "../../bytes/inbox.ts";
import type { Channel } from "../../core/contracts/transport.ts";
import { Gate } from "../../core/engine/gate.ts";
import { SealwireError } from "../../core/model/errors.ts";
import {
  failureOf,
  INTERNAL_ERROR,
  MESSAGE_TOO_BIG,
  NORMAL_CLOSURE,
  UNSUPPORTED_DATA,
  wrongKind,
} from "./close-codes.ts";
import type { WebSocketLimits } from "./options.ts";

const CHUNK_COST_BYTES = 64;
const FIRST_LOOK_MS = 4;
const LAST_LOOK_MS = 64;

/** A WebSocket of the browser as a channel: one chunk is one message. */
export class BrowserWebSocketChannel implements Channel {
  readonly boundaries = "kept";
  readonly remote: string;
  readonly protection?: { readonly by: string };
  /** As long as nobody has said which, both kinds are received and binary is sent. */
  text?: boolean;
  readonly #webSocket: WebSocket;
  readonly #limits: WebSocketLimits;
  readonly #inbox: Inbox<Uint8Array>;
  readonly #gate = new Gate();
  #looking = false;

  /** The WebSocket may still be opening, so that no early message is missed. */
  constructor(webSocket: WebSocket, address: URL, limits: WebSocketLimits) {
    this.#webSocket = webSocket;
    this.#limits = limits;
    this.remote = address.host;
    // Which version of TLS it is, the browser does not tell.
    if (address.protocol === "wss:") this.protection = { by: "TLS" };
    this.#inbox = new Inbox({
      maxWaiting: limits.maxWaitingBytes + limits.maxFrameBytes,
      weigh: (chunk) => chunk.length + CHUNK_COST_BYTES,
    });
    webSocket.binaryType = "arraybuffer";
    webSocket.addEventListener("message", ({ data }) => this.#receive(data));
    webSocket.addEventListener("close", ({ code, reason }) => {
      this.#inbox.end(failureOf(code, reason, this.remote));
      this.#gate.open();
    });
  }

  /** Never rejects: the loss of the path is told to the reader, who is always there. */
  write(chunks: readonly Uint8Array[], release?: () => void): Promise<void> | undefined {
    const webSocket = this.#webSocket;
    if (webSocket.readyState === webSocket.OPEN) {
      for (const chunk of chunks) webSocket.send(this.text ? textOf(chunk) : viewOf(chunk));
    }
    // The browser has copied what it sends.
    release?.();
    if (webSocket.readyState !== webSocket.OPEN) return undefined;
    if (webSocket.bufferedAmount <= this.#limits.writeBufferBytes) return undefined;
    this.#look(FIRST_LOOK_MS);
    return this.#gate.wait();
  }

  async close(reason?: Error): Promise<void> {
    this.#inbox.end(reason);
    this.#inbox.drain();
    this.#gate.open();
    // Why is told inside, by the dialect's last words; a table of codes is not worth its weight here.
    if (reason !== undefined) this.#abort(INTERNAL_ERROR);
    else await this.#endInOrder();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return this.#inbox;
  }

  #receive(data: unknown): void {
    const isText = typeof data === "string";
    const chunk = bytesOf(data);
    if (this.text === !isText) {
      this.#fail(wrongKind(this.remote, this.text), UNSUPPORTED_DATA);
    } else if (chunk.length > this.#limits.maxFrameBytes) {
      this.#fail(tooLarge(this.remote, "a message larger than maxFrameBytes"), MESSAGE_TOO_BIG);
    } else if (!this.#inbox.put(chunk)) {
      this.#fail(tooLarge(this.remote, "faster than it was read"), MESSAGE_TOO_BIG);
    }
  }

  #fail(error: SealwireError, code: number): void {
    this.#inbox.end(error);
    this.#abort(code);
  }

  /** Pages may only give codes of 4000 and more: ours have their last three digits. */
  #abort(code: number): void {
    this.#webSocket.close(code + 3000);
  }

  /** No event tells that bytes have left, so it is looked at, less and less often. */
  #look(delayMs: number): void {
    if (this.#looking) return;
    this.#looking = true;
    setTimeout(() => {
      this.#looking = false;
      const { readyState, OPEN, bufferedAmount } = this.#webSocket;
      if (readyState !== OPEN || bufferedAmount <= this.#limits.writeBufferBytes / 2) {
        this.#gate.open();
      } else {
        this.#look(Math.min(delayMs * 2, LAST_LOOK_MS));
      }
    }, delayMs);
  }

  #endInOrder(): Promise<void> {
    const webSocket = this.#webSocket;
    if (webSocket.readyState === webSocket.CLOSED) return Promise.resolve();
    webSocket.close(NORMAL_CLOSURE);
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#limits.closeTimeoutMs);
      webSocket.addEventListener("close", () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

function bytesOf(data: unknown): Uint8Array {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  return new TextEncoder().encode(String(data));
}

function textOf(chunk: Uint8Array): string {
  return new TextDecoder().decode(chunk);
}

/** Browsers do not send memory that is shared with workers. */
function viewOf(chunk: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = chunk;
  if (buffer instanceof ArrayBuffer) return new Uint8Array(buffer, byteOffset, byteLength);
  return new Uint8Array(chunk);
}

function tooLarge(remote: string, what: string): SealwireError {
  return new SealwireError("TOO_LARGE", `${remote} sent ${what}; the channel was closed`);
}
