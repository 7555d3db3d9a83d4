import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { Channel } from "../../core/contracts/transport.ts";
import type { WebSocketLimits } from "./options.ts";
import { originAllowed } from "./origin.ts";
import { RequestGuard } from "./request-guard.ts";
import { WebSocketChannel } from "./socket-channel.ts";

/** What may become a WebSocket, and what happens with other requests. */
export interface UpgradeRules {
  readonly limits: WebSocketLimits;
  readonly subprotocols: readonly string[];
  /** Answers requests that are no upgrade. */
  readonly request: (request: IncomingMessage, response: ServerResponse) => void;
  readonly allowedOrigins: readonly string[] | "any";
  /** The only path that can be upgraded; absent: each. */
  readonly path?: string | undefined;
  readonly headersTimeoutMs: number;
  readonly maxHeaderBytes: number;
}

/** A socket that is handed in, and what is known of it. */
export interface Arrival {
  readonly socket: Duplex;
  readonly remote: string;
  readonly protection?: Channel["protection"];
}

interface Waiting {
  readonly arrival: Arrival;
  readonly guard: RequestGuard;
  readonly settle: (channel: Channel | undefined) => void;
}

/** Speaks HTTP on sockets that are handed in, until they are WebSockets or closed. */
export class Upgrades {
  readonly #rules: UpgradeRules;
  readonly #http: Server;
  readonly #webSockets: WebSocketServer;
  readonly #waiting = new Map<Duplex, Waiting>();

  constructor(rules: UpgradeRules) {
    this.#rules = rules;
    this.#webSockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: rules.limits.maxFrameBytes,
      handleProtocols: (offered) => rules.subprotocols.find((name) => offered.has(name)) ?? false,
    });
    // It never listens itself; without that its own timeouts do not run, hence the guards.
    this.#http = createServer({ maxHeaderSize: rules.maxHeaderBytes });
    this.#http.on("request", (request, response) => this.#request(request, response));
    this.#http.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
  }

  /** How many sockets are neither WebSockets nor closed yet. */
  get pending(): number {
    return this.#waiting.size;
  }

  /** Resolves with the channel after an upgrade, with `undefined` when the socket closed first. */
  accept(arrival: Arrival): Promise<Channel | undefined> {
    const { socket } = arrival;
    return new Promise((resolve) => {
      const guard = new RequestGuard(socket, this.#rules.headersTimeoutMs);
      const settle = (channel: Channel | undefined) => {
        guard.stop();
        this.#waiting.delete(socket);
        resolve(channel);
      };
      this.#waiting.set(socket, { arrival, guard, settle });
      socket.once("close", () => settle(undefined));
      this.#http.emit("connection", socket);
      // Handed in paused; the HTTP server expects it flowing, as its own would be.
      socket.resume();
    });
  }

  /** Cuts off those who are no WebSockets yet. */
  close(): void {
    for (const socket of this.#waiting.keys()) socket.destroy();
  }

  #request(request: IncomingMessage, response: ServerResponse): void {
    this.#waiting.get(request.socket)?.guard.received(response);
    this.#rules.request(request, response);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { allowedOrigins, path } = this.#rules;
    const { origin, host } = request.headers;
    const asked = request.url?.split("?", 1)[0];
    if (path !== undefined && asked !== path) {
      refuse(socket, 404, "nothing listens at this path");
    } else if (!originAllowed(origin, host, allowedOrigins)) {
      refuse(socket, 403, "pages of this origin may not connect; see allowedOrigins");
    } else {
      this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        const waiting = this.#waiting.get(socket);
        if (waiting === undefined) return webSocket.terminate();
        const options = { limits: this.#rules.limits, ...waiting.arrival };
        waiting.settle(new WebSocketChannel(webSocket, socket, options));
      });
    }
  }
}

function refuse(socket: Duplex, status: number, why: string): void {
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "Connection: close",
    "Content-Type: text/plain",
    `Content-Length: ${why.length}`,
  ];
  socket.once("finish", () => socket.destroy());
  // A peer that resets the connection now has its way.
  socket.on("error", () => {});
  socket.end(`${head.join("\r\n")}\r\n\r\n${why}`);
}
