import type { Clock } from "../core/contracts/clock.ts";
import type { CallArguments } from "../core/engine/arguments.ts";
import type { CallOptions } from "../core/engine/call-options.ts";
import { checkWord } from "../core/engine/check-options.ts";
import type { Connection } from "../core/engine/connection.ts";
import { SealwireError } from "../core/model/errors.ts";
import { type Remote, remoteApi } from "./api.ts";
import type { Client } from "./client.ts";
import type { EventSubscription, WatchOptions } from "./event-receivers.ts";
import { type Order, orderFor, POOL_CHOICES, type PoolChoice } from "./pool-choice.ts";
import { PoolEvents, type PoolReceive } from "./pool-events.ts";
import { callEach, emitEach, type MemberOutcome } from "./pool-fan-out.ts";
import { Member, type PoolMember } from "./pool-member.ts";
import { PoolWaiters } from "./pool-waiters.ts";
import { RetryBudget } from "./retry-budget.ts";

/** How a pool spreads its calls. */
export interface PoolOptions {
  /** @default "round-robin" */
  readonly choice?: PoolChoice;
  /** How often round trips are measured, for `least-latency`. @default 10_000 */
  readonly measureEveryMs?: number;
  /** How long a call without a timeout waits for a member that can be used. @default 30_000 */
  readonly callTimeoutMs?: number;
  /** Gives numbers from 0 to 1, for `random`. @default Math.random */
  readonly random?: () => number;
}

/** One server of a pool and how to reach it. */
export interface PoolServer {
  readonly address: string;
  readonly connect: (signal: AbortSignal) => Promise<Client>;
}

/** More servers than this are no pool any more but a list that went wrong. */
const MAX_MEMBERS = 256;

/**
 * Several servers that answer alike, as one. A member that is broken is passed over until it is
 * back; a call that could not be sent goes to the next one, and one in flight too if it is
 * idempotent.
 */
export class ClientPool {
  readonly #members: readonly Member[];
  readonly #order: Order;
  readonly #waiters: PoolWaiters;
  readonly #clock: Clock;
  readonly #callTimeoutMs: number;
  readonly #budget = new RetryBudget();
  readonly #events = new PoolEvents();

  /**
   * Use `connectPool`, which opens it.
   *
   * @throws `INVALID_ARGUMENT` without servers, or above 256, and for an unknown choice
   */
  constructor(servers: readonly PoolServer[], clock: Clock, options: PoolOptions = {}) {
    if (servers.length === 0 || servers.length > MAX_MEMBERS) throw wrongCount(servers.length);
    const { choice = "round-robin", random = Math.random, callTimeoutMs = 30_000 } = options;
    checkWord("choice", choice, POOL_CHOICES);
    const measureEveryMs = choice === "least-latency" ? (options.measureEveryMs ?? 10_000) : false;
    this.#order = orderFor(choice, random);
    this.#clock = clock;
    this.#callTimeoutMs = callTimeoutMs;
    this.#waiters = new PoolWaiters(clock);
    const changed = () => this.#changed();
    const joined = (member: Member, client: Client) => this.#events.joined(member, client);
    this.#members = servers.map(
      (server) => new Member({ ...server, clock, changed, joined, measureEveryMs }),
    );
  }

  /** All servers, in the order they were given. */
  get members(): readonly PoolMember[] {
    return this.#members;
  }

  /** Resolves when one member is there; the others go on trying. @throws why none is */
  async open(): Promise<void> {
    try {
      await Promise.any(this.#members.map((member) => member.open()));
    } catch (thrown) {
      await this.close();
      const { errors } = thrown as AggregateError;
      throw SealwireError.from(errors[0], "UNAVAILABLE");
    }
  }

  /** Calls a procedure on one of the servers. @throws as `call` of a client */
  async call(procedure: string, args?: CallArguments, options: CallOptions = {}): Promise<unknown> {
    const { once, until } = this.#begin(options);
    for (const tried = new Set<Member>(); ; ) {
      const chosen = this.#choose(tried);
      if (!chosen) await this.#waiters.wait(until);
      else {
        try {
          const { member, client } = chosen;
          return await member.counts.call(() => client.call(procedure, args, once));
        } catch (thrown) {
          if (!this.#mayGoOn(thrown, chosen, options)) throw thrown;
          tried.add(chosen.member);
        }
      }
    }
  }

  /** A call whose answer is a stream. With `idempotent` a broken one starts again elsewhere. */
  async *stream(
    procedure: string,
    args?: CallArguments,
    options: CallOptions = {},
  ): AsyncGenerator<unknown, undefined> {
    const { once, until } = this.#begin(options);
    for (const tried = new Set<Member>(); ; ) {
      const chosen = this.#choose(tried);
      if (!chosen) await this.#waiters.wait(until);
      else {
        try {
          const { member, client } = chosen;
          yield* member.counts.stream(client.stream(procedure, args, once));
          return undefined;
        } catch (thrown) {
          if (!this.#mayGoOn(thrown, chosen, options)) throw thrown;
          tried.add(chosen.member);
        }
      }
    }
  }

  /** The procedures of a contract as functions. */
  api<Api>(): Remote<Api> {
    return remoteApi<Api>(this);
  }

  /**
   * Calls a procedure on every server that can be used now. Resolves with how it ended at each, in
   * the order of the members; with nothing when none can be used.
   *
   * @throws `UNAVAILABLE` after the end, `INVALID_ARGUMENT` with items to stream in
   */
  async callAll(
    procedure: string,
    args?: CallArguments,
    options: CallOptions = {},
  ): Promise<readonly MemberOutcome[]> {
    this.#waiters.check();
    return callEach(this.#members, procedure, args, options);
  }

  /**
   * Tells one of the servers something that has no answer; those whose wire has no events are asked
   * last. Waits for one as a call does.
   *
   * @throws `UNSUPPORTED` when none can take it, `DEADLINE_EXCEEDED`, `UNAVAILABLE`
   */
  async emit(name: string, data?: unknown): Promise<void> {
    const deadline = this.#clock.now() + this.#callTimeoutMs;
    for (;;) {
      const deaf = new Set(this.#members.filter((member) => !member.takesEvents));
      const chosen = this.#choose(deaf);
      if (chosen) return chosen.client.emit(name, data);
      await this.#waiters.wait({ signal: undefined, deadline });
    }
  }

  /**
   * Tells every server that can be used now and whose wire has events. Resolves with how many.
   *
   * @throws `UNAVAILABLE` after the end
   */
  async emitAll(name: string, data?: unknown): Promise<number> {
    this.#waiters.check();
    return emitEach(this.#members, name, data);
  }

  /**
   * Receives the events of one name from every server, from those too that come later. `ready`
   * speaks of those that can be used now.
   */
  onEvent(name: string, receive: PoolReceive, options: WatchOptions = {}): EventSubscription {
    return this.#events.add(this.#members, name, receive, options);
  }

  /** Closes all members. */
  async close(): Promise<void> {
    const error = new SealwireError("UNAVAILABLE", "this pool has been closed");
    this.#waiters.end(error);
    await Promise.all(this.#members.map((member) => member.close(error)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Whether to repeat is the pool's to say; a timeout becomes a moment, once for all members. */
  #begin({ idempotent: _, timeoutMs, ...rest }: CallOptions) {
    this.#budget.earn();
    const latest = this.#clock.now() + (timeoutMs ?? this.#callTimeoutMs);
    const deadline = Math.min(latest, rest.deadline ?? latest);
    // How long a call may wait for a member does not travel, unless it was asked for.
    const once = timeoutMs === undefined ? rest : { ...rest, deadline };
    return { once, until: { signal: rest.signal, deadline } };
  }

  /** Who can send now: first those that have not failed this call yet. */
  #choose(tried: ReadonlySet<Member>): Chosen | undefined {
    const usable = this.#members.filter((member) => member.usable);
    const fresh = usable.filter((member) => !tried.has(member));
    const [member] = this.#order(fresh.length > 0 ? fresh : usable);
    const client = member?.usable;
    const connection = client?.connection;
    return member && client && connection ? { member, client, connection } : undefined;
  }

  /** Only what failed because its connection broke; an `UNAVAILABLE` of the handler is an answer. */
  #mayGoOn(thrown: unknown, { connection }: Chosen, options: CallOptions): boolean {
    // Items that were streamed once are gone and cannot be streamed again.
    if (!options.idempotent || options.input) return false;
    if (SealwireError.from(thrown).code !== "UNAVAILABLE") return false;
    return connection.ending && this.#budget.spend();
  }

  #changed(): void {
    const closed = this.#members.every(({ state }) => state === "closed");
    if (closed) this.#waiters.end(this.#members[0]?.error ?? allGone());
    else this.#waiters.wake();
  }
}

interface Chosen {
  readonly member: Member;
  readonly client: Client;
  readonly connection: Connection;
}

function wrongCount(count: number): SealwireError {
  const message = `a pool of ${count} servers cannot be; give 1 to ${MAX_MEMBERS} addresses`;
  return new SealwireError("INVALID_ARGUMENT", message);
}

function allGone(): SealwireError {
  return new SealwireError("UNAVAILABLE", "no server of this pool can be reached any more");
}
