import type { Clock } from "../core/contracts/clock.ts";
import type { Connection } from "../core/engine/connection.ts";
import { Gate } from "../core/engine/gate.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { Absent } from "./absent.ts";
import type { SlowConsumer } from "./options.ts";

/** Events kept for one slow subscription before the oldest is lost. */
export const DEFAULT_EVENT_BUFFER = 256;
/** The largest such buffer that a client may ask for. */
export const MAX_EVENT_BUFFER = 65_536;
/** Events for which senders may wait at once, where the policy is `block`. */
const MAX_BLOCKED = 4_096;

/** How a connection wants one event. */
export interface SubscriptionOptions {
  readonly slow: SlowConsumer;
  readonly buffer: number;
  /** How long a sender waits at most, where the policy is `block`. */
  readonly blockMs: number;
  /** Takes what comes while the connection has no channel. */
  readonly absent: Absent;
}

/** One connection's wish for one event, with what waits while the connection does not read. */
export class Subscription {
  readonly #connection: Connection;
  readonly #name: string;
  readonly #options: SubscriptionOptions;
  readonly #clock: Clock;
  readonly #taken = new Gate();
  #waiting: unknown[] = [];
  #cancelTimer: (() => void) | undefined;
  #closed = false;
  /** Events lost because the client was slow. */
  dropped = 0;

  constructor(connection: Connection, name: string, options: SubscriptionOptions, clock: Clock) {
    this.#connection = connection;
    this.#name = name;
    this.#options = options;
    this.#clock = clock;
  }

  /** Sends now or keeps; a promise only where the sender has to wait. */
  deliver(data: unknown): Promise<void> | undefined {
    if (this.#closed) return undefined;
    if (this.#connection.away && this.#keepsAll) return this.#leave(data);
    if (!this.#connection.blocked && this.#waiting.length === 0) {
      this.#connection.push(this.#name, data);
      return undefined;
    }
    switch (this.#options.slow) {
      case "block":
        return this.#block(data);
      case "disconnect":
        return this.#disconnect();
      case "conflate":
        return this.#keep(data, 1);
      case "drop-oldest":
        return this.#keep(data, this.#options.buffer);
    }
  }

  /** The connection takes bytes again. */
  flush(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    for (const data of waiting) this.#connection.push(this.#name, data);
    this.#release();
  }

  /** The connection has no channel now: whoever waits for room goes on. */
  away(): void {
    if (!this.#keepsAll) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const data of waiting) this.#leave(data);
    this.#release();
  }

  /** Nothing is delivered any more, and nobody waits for it. */
  close(): void {
    this.#closed = true;
    this.#waiting = [];
    this.#release();
  }

  get #keepsAll(): boolean {
    return this.#options.slow === "block" || this.#options.slow === "disconnect";
  }

  #leave(data: unknown): undefined {
    this.#options.absent.keep(this.#connection, this.#name, data);
  }

  #keep(data: unknown, room: number): undefined {
    this.#waiting.push(data);
    if (this.#waiting.length <= room) return;
    this.#waiting.shift();
    this.dropped += 1;
  }

  /** A peer that never reads must not hold those who do: the wait has an end. */
  #block(data: unknown): Promise<void> | undefined {
    if (this.#waiting.length >= MAX_BLOCKED) return this.#disconnect();
    this.#waiting.push(data);
    this.#cancelTimer ??= this.#clock.after(this.#options.blockMs, () => this.#disconnect());
    return this.#taken.wait();
  }

  #disconnect(): undefined {
    this.close();
    void this.#connection.close(tooSlow(this.#name));
  }

  #release(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#taken.open();
  }
}

function tooSlow(name: string): SealwireError {
  return new SealwireError("RATE_LIMITED", `events named ${name} came faster than they were read`);
}
