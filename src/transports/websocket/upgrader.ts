import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Clock } from "../../core/contracts/clock.ts";
import type { Channel } from "../../core/contracts/transport.ts";
import type { WebSocketLimits } from "./options.ts";
import { WebSocketChannel } from "./socket-channel.ts";

/** How requests become channels. */
export interface UpgraderOptions {
  readonly limits: WebSocketLimits;
  readonly clock: Clock;
  /** How often a silent peer is asked by a ping of RFC 6455 section 5.5.2. */
  readonly intervalMs: number;
  /** How long it may then take to answer before the path counts as lost. */
  readonly timeoutMs: number;
}

/**
 * Makes channels of single requests, for those who have an HTTP server of their own and have judged
 * the request, its origin and its address. Offers no subprotocols.
 */
export class Upgrader {
  readonly #options: UpgraderOptions;
  readonly #server: WebSocketServer;

  constructor(options: UpgraderOptions) {
    this.#options = options;
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: options.limits.maxFrameBytes,
      handleProtocols: () => false,
    });
  }

  /** `undefined` when the request was no proper upgrade; it has been answered then. */
  upgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    remote: string,
  ): Promise<Channel | undefined> {
    return new Promise((resolve) => {
      // It may have gone while the request was judged, and will not close a second time.
      if (socket.destroyed) return resolve(undefined);
      socket.once("close", () => resolve(undefined));
      this.#server.handleUpgrade(request, socket, head, (webSocket) => {
        keepAlive(webSocket, this.#options);
        resolve(new WebSocketChannel(webSocket, socket, { limits: this.#options.limits, remote }));
      });
    });
  }
}

function keepAlive(webSocket: WebSocket, { clock, intervalMs, timeoutMs }: UpgraderOptions): void {
  let cancel = () => {};
  const wait = () => {
    cancel();
    cancel = clock.after(intervalMs, ask);
  };
  const ask = () => {
    webSocket.ping();
    cancel = clock.after(timeoutMs, () => {
      // While we do not read, its answers cannot be seen: silence says nothing then.
      if (webSocket.isPaused) wait();
      else webSocket.terminate();
    });
  };
  webSocket.on("pong", wait).on("message", wait);
  webSocket.once("close", () => cancel());
  wait();
}
