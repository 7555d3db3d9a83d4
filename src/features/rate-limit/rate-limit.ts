import { checkPositive } from "../../core/engine/check-options.ts";
import type { CallMessage, Message } from "../../core/model/message.ts";
import type { Peer } from "../../core/model/peer.ts";
import { type TokenBucket, tokenBucket } from "./token-bucket.ts";

/** How much one peer may send. */
export interface RateLimitOptions {
  /** Calls, events and items of streams together. @default 100 */
  readonly messagesPerSecond?: number;
  /** Bytes on the wire. @default 10_485_760 */
  readonly bytesPerSecond?: number;
  /** For how many seconds' worth a peer may save up and then send it at once. @default 1 */
  readonly burst?: number;
  /** Is told of each message that is refused or dropped. */
  readonly onLimited?: (peer: Peer, message: Message) => void;
  /** Milliseconds; for tests. @default Date.now */
  readonly now?: () => number;
}

/** Limits what peers send; give it to a server as `screen`. */
export interface RateLimit {
  /**
   * The message to go on with. A call above the limit comes back with its refusal, an event above
   * it not at all.
   */
  readonly screen: (message: Message, bytes: number, peer: Peer) => Message | undefined;
  /** Calls that were answered with `RATE_LIMITED`. */
  readonly refusedCalls: number;
  /** Events that were dropped: they have no answer that could tell of it. */
  readonly droppedEvents: number;
}

/**
 * Limits messages and bytes of each peer by a token bucket. Answers, heartbeats and flow control
 * are free: they only follow what we sent.
 *
 * @throws `INVALID_ARGUMENT` for an option that makes no sense
 */
export function rateLimit(options: RateLimitOptions = {}): RateLimit {
  const { messagesPerSecond = 100, bytesPerSecond = 10_485_760, burst = 1 } = options;
  checkPositive({ messagesPerSecond, bytesPerSecond, burst });
  const { now = Date.now, onLimited = () => {} } = options;
  return new Limiter({ messagesPerSecond, bytesPerSecond, burst, now, onLimited });
}

class Limiter implements RateLimit {
  readonly #options: Required<RateLimitOptions>;
  readonly #budgets = new WeakMap<Peer, Budget>();
  refusedCalls = 0;
  droppedEvents = 0;

  constructor(options: Required<RateLimitOptions>) {
    this.#options = options;
  }

  readonly screen = (message: Message, bytes: number, peer: Peer): Message | undefined => {
    const { kind } = message;
    if (kind !== "call" && kind !== "event" && kind !== "item") return message;
    const budget = this.#budgetOf(peer);
    const retryAfterMs = Math.max(budget.messages.waitMs(1), budget.bytes.waitMs(bytes));
    // An item that lacks would spoil its stream unnoticed, so it is owed instead.
    if (retryAfterMs === 0 || kind === "item") {
      budget.messages.take(1);
      budget.bytes.take(bytes);
      return message;
    }
    if (kind === "call") this.refusedCalls += 1;
    else this.droppedEvents += 1;
    this.#options.onLimited(peer, message);
    return kind === "call" ? refused(message, retryAfterMs) : undefined;
  };

  #budgetOf(peer: Peer): Budget {
    const { messagesPerSecond, bytesPerSecond, burst } = this.#options;
    const known = this.#budgets.get(peer);
    if (known) return known;
    const budget = {
      // With less than one a second nothing would ever pass.
      messages: this.#bucket(messagesPerSecond, Math.max(1, burst * messagesPerSecond)),
      bytes: this.#bucket(bytesPerSecond, burst * bytesPerSecond),
    };
    this.#budgets.set(peer, budget);
    return budget;
  }

  #bucket(perSecond: number, burst: number): TokenBucket {
    return tokenBucket({ perSecond, burst }, this.#options.now);
  }
}

interface Budget {
  readonly messages: TokenBucket;
  readonly bytes: TokenBucket;
}

/** The same call with its answer: it still travels through the engine, so the order is kept. */
function refused(call: CallMessage, retryAfterMs: number): CallMessage {
  const message = `Rate limit exceeded: try again in ${retryAfterMs} ms`;
  return {
    ...call,
    settled: { failure: { code: "RATE_LIMITED", message, details: { retryAfterMs } } },
  };
}
