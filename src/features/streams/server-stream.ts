import type { Delivered } from "../../core/contracts/feature.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { Peer } from "../../core/model/peer.ts";
import { ItemBuffer } from "./item-buffer.ts";
import type { StreamsOptions } from "./options.ts";
import { Outbox } from "./outbox.ts";
import { streamData } from "./stream-data.ts";

/** What is told of a stream. */
export interface StreamInfo {
  readonly name: string;
  /** `"server"`, or the id of the peer that created it. */
  readonly owner: string;
  readonly subscribers: number;
  readonly active: boolean;
  /** Items pushed so far. */
  readonly items: number;
  /** Items that fell because subscribers were slow, those of present subscribers together. */
  readonly dropped: number;
}

/** What a stream needs of those who keep it. */
export interface ServerStreamOwner {
  readonly config: Required<StreamsOptions>;
  /** Resolves when the peer has room for more. */
  emit(event: string, data: unknown, to: Peer): Promise<unknown>;
  closed(stream: ServerStream): void;
}

/** A name under which items go to those who have subscribed. */
export class ServerStream {
  readonly name: string;
  readonly id: string;
  readonly owner: string;
  readonly #owner: ServerStreamOwner;
  readonly #subscribers = new Map<string, { readonly peer: Peer; readonly outbox: Outbox }>();
  readonly #local = new Set<ItemBuffer>();
  readonly #subscribeHooks: ((peer: Peer) => void)[] = [];
  readonly #unsubscribeHooks: ((peer: Peer) => void)[] = [];
  readonly #dataHooks: ((item: unknown) => void)[] = [];
  #active = true;
  #items = 0;

  /** Use `streams.create`. */
  constructor(name: string, id: string, owner: string, keeper: ServerStreamOwner) {
    this.name = name;
    this.id = id;
    this.owner = owner;
    this.#owner = keeper;
  }

  get info(): StreamInfo {
    let dropped = 0;
    for (const { outbox } of this.#subscribers.values()) dropped += outbox.dropped;
    const { name, owner } = this;
    const subscribers = this.#subscribers.size;
    return { name, owner, subscribers, active: this.#active, items: this.#items, dropped };
  }

  /** The clients that have subscribed. */
  get subscribers(): readonly Peer[] {
    return Array.from(this.#subscribers.values(), ({ peer }) => peer);
  }

  /**
   * Gives an item to all subscribers. Resolves at once, or with `slow: "block"` when each of them
   * has room for it.
   *
   * @throws `UNAVAILABLE` when the stream has been closed
   */
  async push(item: unknown): Promise<Delivered> {
    if (!this.#active) throw closed(this.name);
    this.#items += 1;
    for (const hook of this.#dataHooks) hook(item);
    for (const buffer of this.#local) buffer.push(item);
    const data = streamData(this.name, item, this.#owner.config.now());
    const outboxes = Array.from(this.#subscribers.values(), ({ outbox }) => outbox);
    await Promise.all(outboxes.map((outbox) => outbox.add(data)));
    return { delivered: outboxes.length, skipped: 0 };
  }

  /** The items from now on, for the server itself; the oldest fall when they are not taken. */
  subscribe(): AsyncIterableIterator<unknown, undefined> {
    const { bufferItems } = this.#owner.config;
    const buffer = new ItemBuffer(bufferItems, () => this.#local.delete(buffer));
    if (this.#active) this.#local.add(buffer);
    else buffer.end();
    return buffer;
  }

  /** Is told of each client that subscribes. */
  onSubscribe(hook: (peer: Peer) => void): void {
    this.#subscribeHooks.push(hook);
  }

  /** Is told of each client that leaves, or has gone. */
  onUnsubscribe(hook: (peer: Peer) => void): void {
    this.#unsubscribeHooks.push(hook);
  }

  /** Is told of each item that is pushed. */
  onData(hook: (item: unknown) => void): void {
    this.#dataHooks.push(hook);
  }

  /** A client wants the items; asking again changes nothing. */
  add(peer: Peer): void {
    if (!this.#active || this.#subscribers.has(peer.id)) return;
    const { bufferItems, slow } = this.#owner.config;
    const send = (data: unknown) => this.#owner.emit("stream_data", data, peer);
    this.#subscribers.set(peer.id, { peer, outbox: new Outbox(send, bufferItems, slow) });
    for (const hook of this.#subscribeHooks) hook(peer);
  }

  /** A client wants them no more. */
  remove(peer: Peer): void {
    const subscriber = this.#subscribers.get(peer.id);
    if (!subscriber) return;
    this.#subscribers.delete(peer.id);
    subscriber.outbox.close();
    for (const hook of this.#unsubscribeHooks) hook(peer);
  }

  /** Ends it. The subscribers get what waits, and then `stream_closed`. */
  async close(): Promise<void> {
    if (!this.#active) return;
    this.#active = false;
    this.#owner.closed(this);
    for (const buffer of [...this.#local]) buffer.end();
    const subscribers = [...this.#subscribers.values()];
    this.#subscribers.clear();
    await Promise.all(subscribers.map(({ peer, outbox }) => this.#tellEnd(peer, outbox)));
  }

  async #tellEnd(peer: Peer, outbox: Outbox): Promise<void> {
    await outbox.drained();
    // A peer that has gone in between needs no telling.
    await this.#owner.emit("stream_closed", { stream: this.name }, peer).catch(() => {});
  }
}

function closed(name: string): SealwireError {
  return new SealwireError("UNAVAILABLE", `the stream ${name} has been closed`);
}
