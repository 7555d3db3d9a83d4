import { Inbox } from "../bytes/inbox.ts";
import { encodeHex } from "../bytes/text.ts";
import type { Endpoint } from "../core/contracts/datagram-socket.ts";
import { Gate } from "../core/engine/gate.ts";
import { SealwireError } from "../core/model/errors.ts";
import { randomBytes } from "../crypto/random.ts";
import type { ProxyFrame, SrmudpMessage, SrmudpStatus } from "./client-frames.ts";
import type { SrmudpClientSettings, SrmudpTarget } from "./client-options.ts";
import { LineKeeper } from "./line-keeper.ts";
import { ProxyLine } from "./proxy-line.ts";

/** What a waiting message counts beside its bytes. */
const MESSAGE_COST_BYTES = 64;

/**
 * Reaches a peer that speaks SRMUDP through a proxy, from a program or a page that can only speak
 * WebSocket. After a break it comes back by itself, on the same UDP port. Iterated once, it yields
 * what the peer sends; who does not take it, holds up everything behind it.
 */
export class SrmudpWebSocketClient implements AsyncIterable<SrmudpMessage> {
  readonly #target: SrmudpTarget;
  readonly #settings: SrmudpClientSettings;
  readonly #clientId: string;
  readonly #room = new Gate();
  readonly #inbox: Inbox<SrmudpMessage>;
  readonly #hooks = new Set<(status: SrmudpStatus) => void>();
  readonly #change = new Gate();
  readonly #keeper: LineKeeper;
  #status: SrmudpStatus | undefined;
  #localPort: number;
  /** Whether the peer was reached since the last break. */
  #reached = false;
  #queuedBytes = 0;
  #asking: { resolve(found: Endpoint): void; reject(error: SealwireError): void } | undefined;

  /** Made by `createSrmudpClient`. */
  constructor(target: SrmudpTarget, settings: SrmudpClientSettings) {
    this.#target = target;
    this.#settings = settings;
    this.#clientId = settings.clientId ?? encodeHex(randomBytes(16));
    this.#localPort = settings.localPort;
    this.#inbox = new Inbox({
      maxWaiting: settings.maxWaitingBytes,
      weigh: ({ bytes }) => bytes.length + MESSAGE_COST_BYTES,
      onWanted: () => this.#room.open(),
    });
    this.#keeper = new LineKeeper(settings, {
      open: (signal) => this.#open(signal),
      told: () => this.#status?.error,
      wasEstablished: () => this.#reached,
      broken: (reason) => this.#broken(reason),
      ended: (error) => this.#ended(error),
    });
  }

  /** Where the link stands, as it was told last. */
  get status(): SrmudpStatus | undefined {
    return this.#status;
  }

  /**
   * Connects to the proxy. Resolves when the WebSocket is open; messages may be sent from then on.
   *
   * @throws `UNAVAILABLE` when the proxy does not answer, `HANDSHAKE_FAILED` when it refuses.
   */
  connect(): Promise<void> {
    return this.#keeper.start();
  }

  /**
   * Sends text. Resolves when the peer has acknowledged it (with proxies of the original: when it
   * was handed over).
   *
   * @throws `UNAVAILABLE` when nobody knows whether it arrived, `RATE_LIMITED` when too much waits.
   */
  sendText(text: string): Promise<void> {
    return this.#send(text, text.length);
  }

  /** Sends bytes, as `sendText`. The memory may be used again at once. */
  sendBinary(bytes: Uint8Array): Promise<void> {
    return this.#send(new Uint8Array(bytes), bytes.length);
  }

  /** Is told of each change; what is returned ends that. */
  onStatus(hook: (status: SrmudpStatus) => void): () => void {
    this.#hooks.add(hook);
    return () => this.#hooks.delete(hook);
  }

  /** Resolves when the link to the peer is there. @throws why it never will be */
  async established(): Promise<void> {
    while (this.#status?.status !== "UDP_ESTABLISHED") {
      if (this.#keeper.final) throw this.#keeper.final;
      await this.#change.wait();
    }
  }

  /**
   * How the UDP socket of the link looks from outside, so that a peer can be told where to send.
   *
   * @throws `UNAVAILABLE` when the proxy has no STUN server or none answers.
   */
  discoverPublicAddress(): Promise<Endpoint> {
    return new Promise((resolve, reject) => {
      this.#asking?.reject(new SealwireError("CANCELLED", "the address is asked for again"));
      this.#asking = { resolve, reject };
      const { line } = this.#keeper;
      if (line) line.say({ type: "discover_public_address" });
      else reject(new SealwireError("UNAVAILABLE", "there is no connection; ask again later"));
    });
  }

  [Symbol.asyncIterator](): AsyncIterator<SrmudpMessage> {
    return this.#inbox;
  }

  /** Ends the connection and with it the link. */
  close(): Promise<void> {
    return this.#keeper.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #send(data: string | Uint8Array, bytes: number): Promise<void> {
    const { maxQueuedBytes } = this.#settings;
    if (!this.#keeper.line && this.#queuedBytes + bytes > maxQueuedBytes) {
      const message = `more than ${maxQueuedBytes} bytes wait for the connection; send them later`;
      throw new SealwireError("RATE_LIMITED", message);
    }
    this.#queuedBytes += bytes;
    try {
      const line = await this.#keeper.whenOpen();
      await line.send(data);
    } finally {
      this.#queuedBytes -= bytes;
    }
  }

  #open(signal: AbortSignal): Promise<ProxyLine> {
    const who = { clientId: this.#clientId, localPort: this.#localPort };
    return ProxyLine.open(
      this.#target,
      { ...this.#settings, ...who },
      (frame) => this.#take(frame),
      signal,
    );
  }

  #take(frame: ProxyFrame): Promise<void> | undefined {
    switch (frame.kind) {
      case "status":
        // The same port again after a break: the peer sends there.
        this.#localPort = frame.status.localPort ?? this.#localPort;
        this.#tell(frame.status);
        return undefined;
      case "message":
        return this.#inbox.put(frame.message) ? undefined : this.#room.wait();
      case "address":
        this.#asking?.resolve({ host: frame.host, port: frame.port });
        return undefined;
      case "no-address":
        this.#asking?.reject(frame.error);
        return undefined;
      default:
        return undefined;
    }
  }

  #tell(status: SrmudpStatus): void {
    this.#status = status;
    if (status.status === "UDP_ESTABLISHED") this.#reached = true;
    for (const hook of this.#hooks) hook(status);
    this.#change.open();
  }

  #broken(reason: SealwireError): void {
    this.#reached = false;
    this.#asking?.reject(reason);
    this.#tell({ status: "RECONNECTING", message: `${reason.message}; connecting again` });
  }

  #ended(error: SealwireError | undefined): void {
    this.#asking?.reject(error ?? new SealwireError("UNAVAILABLE", "this client has been closed"));
    this.#inbox.end(error);
    this.#room.open();
    const told = this.#status?.status === "ERROR";
    if (error && !told) this.#tell({ status: "ERROR", message: error.message, error });
    this.#change.open();
  }
}
