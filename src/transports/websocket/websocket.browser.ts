import type { Channel, Transport } from "../../core/contracts/transport.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { checkAddress } from "./address.ts";
import {
  DEFAULT_SUBPROTOCOLS,
  type WebSocketLimits,
  type WebSocketOptions,
  webSocketLimits,
} from "./options.ts";
import { BrowserWebSocketChannel } from "./socket-channel.browser.ts";

/**
 * Channels over the browser's WebSocket. Only connects: `listen` says `UNSUPPORTED`.
 *
 * @throws `INVALID_ARGUMENT` for an option that makes no sense.
 */
export function websocket(options: WebSocketOptions = {}): Transport {
  const { secure = false, subprotocols = DEFAULT_SUBPROTOCOLS } = options;
  const limits = webSocketLimits(options);
  const scheme = secure ? "wss" : "ws";
  return {
    scheme,
    async connect(address, { signal }) {
      checkAddress(address, scheme);
      if (signal.aborted) throw SealwireError.from(signal.reason, "CANCELLED");
      return open(create(address, subprotocols), address, signal, limits);
    },
    async listen() {
      const message = "a browser cannot listen";
      throw new SealwireError("UNSUPPORTED", message);
    },
  };
}

/** The same over TLS, under `wss:` addresses. */
export function secureWebsocket(options: WebSocketOptions = {}): Transport {
  return websocket({ ...options, secure: true });
}

function create(address: URL, subprotocols: readonly string[]): WebSocket {
  try {
    return new WebSocket(address.href, [...subprotocols]);
  } catch (cause) {
    const message =
      `the browser does not connect to ${address.host}; ` +
      "pages that came by https: may only use wss:";
    throw new SealwireError("INVALID_ARGUMENT", message, { cause });
  }
}

function open(
  webSocket: WebSocket,
  address: URL,
  signal: AbortSignal,
  limits: WebSocketLimits,
): Promise<Channel> {
  const channel = new BrowserWebSocketChannel(webSocket, address, limits);
  return new Promise((resolve, reject) => {
    const fail = (error: SealwireError) => {
      settle();
      webSocket.close();
      reject(error);
    };
    const onAbort = () => fail(SealwireError.from(signal.reason, "CANCELLED"));
    const onClose = () => fail(unreachable(address, "the browser does not say why"));
    const onOpen = () => {
      settle();
      resolve(channel);
    };
    const onLate = () => fail(unreachable(address, `not within ${limits.connectTimeoutMs} ms`));
    const timer = setTimeout(onLate, limits.connectTimeoutMs);
    const settle = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      webSocket.removeEventListener("open", onOpen);
      webSocket.removeEventListener("close", onClose);
    };
    signal.addEventListener("abort", onAbort);
    webSocket.addEventListener("open", onOpen);
    webSocket.addEventListener("close", onClose);
    // Without it some WebSockets throw what the browser only logs; `close` follows and settles.
    webSocket.addEventListener("error", () => {});
  });
}

function unreachable(address: URL, why: string): SealwireError {
  const message = `no WebSocket at ${address.host} (${why}); is the address right, does it run?`;
  return new SealwireError("UNAVAILABLE", message);
}
