import type { ClientHost } from "../../core/contracts/feature.ts";
import type { Logger } from "../../core/contracts/logger.ts";
import { tell } from "../../core/engine/tell.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { answerOf } from "./answer-of.ts";
import { KnownMembers } from "./known-members.ts";
import { type Joined, readAnswers, readJoined } from "./read-item.ts";
import { ReturnGate } from "./return-gate.ts";
import type { Presence, RoomAnswers, RoomEventItem, RoomItem, RoomMember } from "./room-item.ts";
import type { EmitOptions, RoomReceiver, RoomStatus } from "./room-receiver.ts";

/** One room as a client sees it. Comes back by itself to its place after a break. */
export class ClientRoom {
  readonly name: string;
  readonly #host: ClientHost;
  readonly #logger: Logger;
  readonly #members: KnownMembers;
  readonly #receivers = new Map<string, Set<{ readonly receive: RoomReceiver }>>();
  readonly #statusHooks: ((status: RoomStatus, reason: string | undefined) => void)[] = [];
  readonly #presenceHooks: ((presence: Presence) => void)[] = [];
  #place: Place | undefined;
  #data: unknown;
  /** What arrives while joining, before it is known where it begins. */
  #early: RoomItem[] | undefined;
  /** Who says something while we are away would not be known. */
  readonly #gate = new ReturnGate();

  /** Use `roomClient.room`. */
  constructor(name: string, host: ClientHost, logger: Logger) {
    this.name = name;
    this.#host = host;
    this.#logger = logger;
    this.#members = new KnownMembers((presence) => {
      for (const hook of this.#presenceHooks) this.#tell(() => hook(presence));
    });
  }

  /** Our own id; absent while we are not in the room. */
  get me(): string | undefined {
    return this.#place?.member;
  }

  /** Everybody who is here, as far as we know; ourselves too. */
  get members(): readonly RoomMember[] {
    return this.#members.all;
  }

  /** Receives one kind of event; the returned function ends that. */
  on(name: string, receive: RoomReceiver): () => void {
    const receivers = this.#receivers.get(name) ?? new Set();
    const receiver = { receive };
    this.#receivers.set(name, receivers.add(receiver));
    return () => void receivers.delete(receiver);
  }

  /** Is told of everybody who joins, leaves, goes away, comes back or changes. */
  onPresence(hook: (presence: Presence) => void): void {
    this.#presenceHooks.push(hook);
  }

  /** Is told how it stands between us and the room. */
  onStatus(hook: (status: RoomStatus, reason: string | undefined) => void): void {
    this.#statusHooks.push(hook);
  }

  /**
   * Joins; `data` is what the others see of us. Receivers are best added before.
   *
   * @throws `PERMISSION_DENIED`, `UNAUTHENTICATED`, `NOT_FOUND`, `RATE_LIMITED`, `TOO_LARGE`,
   * `UNSUPPORTED` on wires without events
   */
  async join(data?: unknown): Promise<void> {
    const wasIn = this.#place !== undefined;
    this.#data = data;
    await this.#enter();
    if (wasIn) await this.change(data);
  }

  /** Leaves; resolves when the server knows. */
  async leave(): Promise<void> {
    await this.#callInPlace("$rooms.leave", {});
    this.#forget("you have left");
  }

  /** Says something else of ourselves. @throws `TOO_LARGE`, `NOT_FOUND` when we are not in it */
  async change(data: unknown): Promise<void> {
    await this.#callInPlace("$rooms.change", { data });
    this.#data = data;
  }

  /**
   * Tells the others something; resolves with how many it is for, when the server has it.
   *
   * @throws `PERMISSION_DENIED`, `TOO_LARGE`, `NOT_FOUND` when we are not in the room
   */
  async emit(name: string, data?: unknown, options: EmitOptions = {}): Promise<number> {
    return Number(await this.#callInPlace("$rooms.emit", { name, data, ...options }));
  }

  /**
   * Tells the others something and gathers what their receivers return, until all have answered or
   * the time is up (the server's `maxAskMs` if nothing else is said). Who did not answer is named.
   *
   * @throws as `emit`; `RATE_LIMITED` when too many of ours are open
   */
  async ask(
    name: string,
    data?: unknown,
    options: EmitOptions & { readonly timeoutMs?: number; readonly signal?: AbortSignal } = {},
  ): Promise<RoomAnswers> {
    const { signal, ...asking } = options;
    const named = { name, data, ...asking };
    return readAnswers(await this.#callInPlace("$rooms.ask", named, signal));
  }

  /** @internal The server tells something. */
  take(item: RoomItem): void {
    if (!this.#early) return this.#take(item);
    this.#early.push(item);
    // A server that says so much before its answer has not got it from our room.
    if (this.#early.length > MAX_EARLY) this.#early.shift();
  }

  /** @internal The connection broke. */
  broke(): void {
    if (!this.#place) return;
    this.#gate.close();
    this.#status("away");
  }

  /** @internal There is a connection again. */
  async comeBack(): Promise<void> {
    if (!this.#place) return this.#gate.open();
    try {
      const entered = this.#enterNow();
      this.#gate.until(entered);
      await entered;
    } catch (thrown) {
      const { code, message } = SealwireError.from(thrown);
      // One that broke again in between: the next one tries again.
      if (code !== "UNAVAILABLE") this.#forget(message);
    }
  }

  /** @internal The client has ended. */
  end(reason: string): void {
    this.#forget(reason);
    this.#gate.open();
  }

  /** One after the other: what arrives early belongs to one of them. */
  #enter(): Promise<void> {
    const entered = this.#gate.settled.then(() => this.#enterNow());
    this.#gate.follow(entered);
    return entered;
  }

  async #enterNow(): Promise<void> {
    const early: RoomItem[] = [];
    this.#early = early;
    try {
      const { ticket, seq: after } = this.#place ?? {};
      const own = this.#data === undefined ? {} : { data: this.#data };
      const asked = this.#place ? { ...own, ticket, after } : own;
      const joined = readJoined(await this.#call("$rooms.join", asked));
      if (!joined) throw new SealwireError("PROTOCOL_VIOLATION", "the server's answer is no place");
      this.#settle(joined);
      this.#early = undefined;
      for (const item of early) this.#take(item);
    } finally {
      this.#early = undefined;
    }
  }

  #settle({ member, ticket, seq, recovered, members }: Joined): void {
    const missed = this.#place !== undefined && !recovered;
    this.#place = { member, ticket, seq };
    if (!recovered) this.#members.replace(members);
    this.#status(missed ? "missed" : "in");
  }

  #take(item: RoomItem): void {
    if (item.kind === "out") return this.#forget(item.reason);
    const place = this.#place;
    // After a break things come again that had come already.
    if (!place || item.seq <= place.seq) return;
    place.seq = item.seq;
    if (item.kind === "presence") return this.#members.change(item);
    if (item.kind === "event") return this.#receive(item);
    this.#members.replace(item.members);
    this.#status("missed");
  }

  #receive({ name, data, from, ask }: RoomEventItem): void {
    const sender = from === undefined ? undefined : this.#members.get(from);
    const receivers = [...(this.#receivers.get(name) ?? [])];
    const [first, ...others] = receivers;
    if (ask !== undefined)
      void this.#answer(ask, name, first && (() => first.receive(data, sender)));
    else if (first) this.#tell(() => first.receive(data, sender));
    for (const { receive } of others) this.#tell(() => receive(data, sender));
  }

  async #answer(ask: number, name: string, run: (() => unknown) | undefined): Promise<void> {
    try {
      await this.#callInPlace("$rooms.answer", {
        ask,
        ...(await answerOf(name, run, this.#logger)),
      });
    } catch (err) {
      this.#logger.debug({ err, room: this.name }, "an answer did not arrive");
    }
  }

  #forget(reason: string): void {
    if (!this.#place) return;
    this.#place = undefined;
    this.#members.clear();
    this.#status("out", reason);
  }

  #status(status: RoomStatus, reason?: string): void {
    for (const hook of this.#statusHooks) this.#tell(() => hook(status, reason));
  }

  #tell(run: () => unknown): void {
    tell(this.#logger, { room: this.name }, run);
  }

  async #callInPlace(procedure: string, asked: object, signal?: AbortSignal): Promise<unknown> {
    await this.#gate.settled;
    return this.#call(procedure, asked, signal);
  }

  #call(procedure: string, asked: object, signal?: AbortSignal): Promise<unknown> {
    const named = { room: this.name, ...asked };
    return this.#host.call(procedure, { positional: [], named }, signal ? { signal } : {});
  }
}

/** A place in a room, and what is known there. */
interface Place {
  readonly member: string;
  readonly ticket: string;
  seq: number;
}

const MAX_EARLY = 1_000;
