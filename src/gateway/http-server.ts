import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { isLoopback } from "../core/engine/loopback.ts";
import { SealwireError } from "../core/model/errors.ts";
import { bound } from "../transports/websocket/bound.ts";
import { pem } from "../transports/websocket/certificate.ts";
import { refuseUpgrade } from "./answers.ts";
import type { GatewaySettings } from "./options.ts";
import { unmapped } from "./special-addresses.ts";

/** Who answers what comes to a port. */
export interface HttpHandlers {
  request(request: IncomingMessage, response: ServerResponse): void;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** A port that is listened at. */
export interface HttpPort {
  readonly address: URL;
  close(): Promise<void>;
}

/**
 * Listens for HTTP, or for HTTPS at `https:` and `wss:` addresses.
 *
 * @throws `INVALID_ARGUMENT` for an address that cannot be used, `ALREADY_EXISTS` when it is taken,
 * `PERMISSION_DENIED` beyond loopback without API keys.
 */
export async function listenHttp(
  written: string | URL,
  settings: GatewaySettings,
  handlers: HttpHandlers,
): Promise<HttpPort> {
  const address = addressOf(written);
  checkExposure(address, settings);
  const server = serverFor(address, settings);
  server.on("request", handlers.request);
  server.on("upgrade", handlers.upgrade);
  server.on("clientError", (error, socket) => answerUnreadable(error, socket));
  await bound(server, address);
  const place = server.address();
  if (place !== null && typeof place === "object") address.port = String(place.port);
  return {
    address,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What is no request of HTTP, or too long for one, has no handler. */
function answerUnreadable(error: Error & { readonly code?: string }, socket: Duplex): void {
  const late = error.code === "ERR_HTTP_REQUEST_TIMEOUT" || error.code === "ECONNRESET";
  if (late || !socket.writable) return void socket.destroy();
  const long = error.code === "HPE_HEADER_OVERFLOW";
  const message = long ? "the address and the headers are too long" : "this is no request of HTTP";
  refuseUpgrade(socket, new SealwireError(long ? "TOO_LARGE" : "INVALID_ARGUMENT", message));
}

/** Where a request is from, as `host:port`. */
export function remoteOf({ remoteAddress = "unknown", remotePort = 0 }: Socket): string {
  const plain = remoteAddress.replace(/^::ffff:(?=\d+\.)/i, "");
  return plain.includes(":") ? `[${plain}]:${remotePort}` : `${plain}:${remotePort}`;
}

/** Whoever may use the gateway lets this machine send datagrams to places of his choice. */
function checkExposure(address: URL, settings: GatewaySettings): void {
  if (isLoopback(unmapped(address.hostname.replace(/^\[|\]$/g, "")))) return;
  if (settings.authenticator === undefined && !settings.allowAnyone) {
    const message =
      `without API keys the gateway listens on loopback alone, not on ${address.host}; give an ` +
      "authenticator, or allowAnyone: true";
    throw new SealwireError("PERMISSION_DENIED", message);
  }
  if (address.protocol === "https:") return;
  const message = "data and keys of clients can be read on the way: no TLS beyond loopback";
  settings.logger.warn({ address: address.host }, message);
}

/**
 * What a request asks for.
 *
 * @throws `INVALID_ARGUMENT` when that cannot be read.
 */
export function urlOf({ url = "/", headers }: IncomingMessage): URL {
  const base = `http://${headers.host}`;
  if (url.startsWith("/") && URL.canParse(base + url)) return new URL(base + url);
  throw new SealwireError("INVALID_ARGUMENT", "the request's address cannot be read");
}

const SCHEMES: Readonly<Record<string, "http:" | "https:">> = {
  "http:": "http:",
  "ws:": "http:",
  "https:": "https:",
  "wss:": "https:",
};

function addressOf(written: string | URL): URL {
  const text = String(written);
  const given = URL.canParse(text) ? new URL(text) : undefined;
  const scheme = given && SCHEMES[given.protocol];
  if (!given || !scheme || given.username + given.password + given.search + given.hash !== "") {
    const message = "the address to listen at cannot be used; write http://127.0.0.1:8000";
    throw new SealwireError("INVALID_ARGUMENT", message);
  }
  return new URL(`${scheme}//${given.host}/`);
}

function serverFor({ protocol }: URL, { tls, limits }: GatewaySettings): Server {
  const options = {
    maxHeaderSize: 16_384,
    headersTimeout: limits.requestTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    connectionsCheckingInterval: Math.min(limits.requestTimeoutMs, 5_000),
    noDelay: true,
  };
  if (protocol === "http:") return limited(createServer(options), limits.maxConnections);
  if (!tls) {
    const message = "listening at https: needs a certificate; give the option tls { cert, key }";
    throw new SealwireError("INVALID_ARGUMENT", message);
  }
  const secure = {
    ...options,
    cert: pem(tls.cert),
    key: pem(tls.key),
    minVersion: "TLSv1.3" as const,
  };
  try {
    return limited(createTlsServer(secure), limits.maxConnections);
  } catch (cause) {
    const message = "tls.cert and tls.key cannot be used; expected a chain and its key, in PEM";
    throw new SealwireError("INVALID_ARGUMENT", message, { cause });
  }
}

/** Also those that never ask for anything cost memory; some more than may become WebSockets. */
function limited(server: Server, maxConnections: number): Server {
  server.maxConnections = maxConnections * 2 + 64;
  return server;
}
