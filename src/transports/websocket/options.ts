import { wholeLimits } from "../../core/engine/check-options.ts";

/** Limits of WebSocket channels, in Node and in browsers. */
export interface WebSocketLimitOptions {
  /**
   * The largest message that is received; a larger one closes the channel with `TOO_LARGE`.
   *
   * @default 16_777_216
   */
  readonly maxFrameBytes?: number;
  /**
   * Received bytes that may wait for the reader. Beyond it the socket is not read in Node, so that
   * the peer has to wait. Browsers cannot do that: there the channel is closed with `TOO_LARGE`
   * once more than this and `maxFrameBytes` together wait.
   *
   * @default 65_536
   */
  readonly maxWaitingBytes?: number;
  /**
   * Written bytes that may wait for the socket before `write` asks the writer to wait.
   *
   * @default 131_072
   */
  readonly writeBufferBytes?: number;
  /**
   * How long a connection may take to come about; then `UNAVAILABLE`.
   *
   * @default 10_000
   */
  readonly connectTimeoutMs?: number;
  /**
   * How long an orderly `close` waits for the peer to close too.
   *
   * @default 2_000
   */
  readonly closeTimeoutMs?: number;
}

/** What both forms of the transport can be told. */
export interface WebSocketOptions extends WebSocketLimitOptions {
  /**
   * Whether it is WebSocket over TLS, under `wss:` addresses.
   *
   * @default false
   */
  readonly secure?: boolean;
  /**
   * Names of subprotocols (RFC 6455 section 1.9) offered or chosen from. Empty for servers that
   * choose none: a client that offers some refuses a server that ignores them.
   *
   * @default ["sealwire.v1"]
   */
  readonly subprotocols?: readonly string[];
}

/** The limits with nothing left open. */
export type WebSocketLimits = Required<WebSocketLimitOptions>;

/** What is offered when nothing else is said. */
export const DEFAULT_SUBPROTOCOLS: readonly string[] = Object.freeze(["sealwire.v1"]);

const DEFAULTS: WebSocketLimits = Object.freeze({
  maxFrameBytes: 16_777_216,
  maxWaitingBytes: 65_536,
  writeBufferBytes: 131_072,
  connectTimeoutMs: 10_000,
  closeTimeoutMs: 2_000,
});

/** @throws `INVALID_ARGUMENT` for an option that is no whole number from 1 on. */
export function webSocketLimits(options: WebSocketLimitOptions): WebSocketLimits {
  return wholeLimits(DEFAULTS, options);
}
