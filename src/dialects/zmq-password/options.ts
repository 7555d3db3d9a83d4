import { checkedJsonLimits, type JsonLimits } from "../../codecs/json-limits.ts";
import { checkPositive, checkWhole, withDefaults } from "../../core/engine/check-options.ts";

/** How the password RPC over ZeroMQ is spoken; each side has its own. */
export interface ZmqPasswordOptions {
  /**
   * Handlers that run at once, for all clients together; other calls wait their turn.
   *
   * @default 4
   */
  readonly workers?: number;
  /**
   * How long a call may take: what a client waits for its answer, and what a server gives its
   * handlers. A client and a server can each say otherwise, as can a procedure and a call.
   *
   * @default 5_000
   */
  readonly timeoutMs?: number;
  /**
   * Whether the server answers in the order of the requests, as those of Sealwire do. A client then
   * sends calls without waiting for earlier answers. The original answers in any order and would
   * give callers each other's results.
   *
   * @default false
   */
  readonly answersInOrder?: boolean;
  /** What one request or answer may hold; more is refused with an error in the wire's form. */
  readonly values?: JsonLimits;
}

/** The defaults of `ZmqPasswordOptions`, those of the original program. */
export const ZMQ_PASSWORD_DEFAULTS: Required<ZmqPasswordOptions> = Object.freeze({
  workers: 4,
  timeoutMs: 5_000,
  answersInOrder: false,
  values: Object.freeze({}),
});

/** Where an address names no port: the original's. */
export const DEFAULT_PORT = 8_421;

/**
 * Options with every default filled in.
 *
 * @throws `INVALID_ARGUMENT` naming the option, the value and what is allowed
 */
export function zmqPasswordSettings(options: ZmqPasswordOptions): Required<ZmqPasswordOptions> {
  const settings = withDefaults(ZMQ_PASSWORD_DEFAULTS, options);
  checkWhole("workers", settings.workers);
  checkPositive({ timeoutMs: settings.timeoutMs });
  checkedJsonLimits(settings.values);
  return settings;
}
