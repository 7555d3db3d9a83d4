import type { ClientRequest, IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";
import { type ClientOptions, WebSocket } from "ws";
import type { Channel } from "../../core/contracts/transport.ts";
import { systemReason } from "../../core/engine/system-errors.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { type Certificate, pem } from "./certificate.ts";
import type { WebSocketLimits } from "./options.ts";
import { WebSocketChannel } from "./socket-channel.ts";

/** How a connection is opened. */
export interface Opening {
  readonly limits: WebSocketLimits;
  readonly subprotocols: readonly string[];
  readonly ca?: string | undefined;
  /** Shown to servers that ask for one. */
  readonly certificate?: Certificate | undefined;
  readonly signal: AbortSignal;
}

/** Opens a WebSocket and gives the channel. */
export function connect(address: URL, opening: Opening): Promise<Channel> {
  const { limits, signal, subprotocols } = opening;
  if (signal.aborted) return Promise.reject(SealwireError.from(signal.reason, "CANCELLED"));
  const webSocket = new WebSocket(address, [...subprotocols], clientOptions(opening));
  return new Promise((resolve, reject) => {
    let response: IncomingMessage | undefined;
    const fail = (error: SealwireError) => {
      settle();
      // Ending an attempt makes one more error, which nobody waits for.
      webSocket.on("error", () => {}).terminate();
      reject(error);
    };
    const onAbort = () => fail(SealwireError.from(signal.reason, "CANCELLED"));
    const onError = (cause: Error) => fail(unreachable(address, cause));
    const onRefused = (_: ClientRequest, answer: IncomingMessage) => {
      fail(refused(address, answer.statusCode ?? 0));
    };
    // The channel must be there before the first message, so not a turn later.
    const onOpen = () => {
      settle();
      if (response !== undefined) resolve(channelOf(webSocket, response, address, limits));
    };
    const settle = () => {
      signal.removeEventListener("abort", onAbort);
      webSocket.off("error", onError).off("open", onOpen).off("unexpected-response", onRefused);
    };
    signal.addEventListener("abort", onAbort);
    webSocket.once("upgrade", (answer) => {
      response = answer;
    });
    webSocket.on("error", onError).on("open", onOpen).on("unexpected-response", onRefused);
  });
}

function clientOptions({ limits, ca, certificate }: Opening): ClientOptions {
  return {
    perMessageDeflate: false,
    followRedirects: false,
    maxPayload: limits.maxFrameBytes,
    handshakeTimeout: limits.connectTimeoutMs,
    ...(ca === undefined ? {} : { ca }),
    ...(certificate && { cert: pem(certificate.cert), key: pem(certificate.key) }),
  };
}

function channelOf(
  webSocket: WebSocket,
  response: IncomingMessage,
  address: URL,
  limits: WebSocketLimits,
): Channel {
  const { socket } = response;
  const by = socket instanceof TLSSocket ? (socket.getProtocol() ?? "TLS") : undefined;
  const protection = by === undefined ? undefined : { by };
  return new WebSocketChannel(webSocket, socket, { limits, remote: address.host, protection });
}

function unreachable(address: URL, cause: Error): SealwireError {
  const why = systemReason(cause);
  if (/CERT|SIGNED|VERIFY|_SSL_|_TLS_|EPROTO/.test(why)) {
    const message = `no TLS with ${address.host} (${why}); check the certificate and the ca`;
    return new SealwireError("HANDSHAKE_FAILED", message, { cause });
  }
  const message = `no WebSocket at ${address.host} (${why}); is the address right, does it run?`;
  return new SealwireError("UNAVAILABLE", message, { cause });
}

function refused(address: URL, status: number): SealwireError {
  const place = address.host + address.pathname;
  const message = `${place} answered with HTTP ${status} instead of a WebSocket`;
  // Trying again helps against overload and failures, not against a wrong path or origin.
  const passing = status >= 500 || status === 429;
  return new SealwireError(passing ? "UNAVAILABLE" : "HANDSHAKE_FAILED", message);
}
