import type { ClientFeature, ClientHost } from "../../core/contracts/feature.ts";
import { checkWhole } from "../../core/engine/check-options.ts";
import { fieldsOf } from "../../core/engine/fields.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { ItemBuffer } from "./item-buffer.ts";
import { readStreamData, streamData } from "./stream-data.ts";

/** What a client says of streams. */
export interface StreamClientOptions {
  /** Items of one subscription that wait to be taken; then the oldest fall. @default 1_000 */
  readonly bufferItems?: number;
  /** Milliseconds since the epoch; for tests. @default Date.now */
  readonly now?: () => number;
}

/**
 * The items of a stream from now on. Leaving the loop ends it, and so does the end of the stream;
 * the end of the connection throws `UNAVAILABLE`.
 */
export interface StreamSubscription extends AsyncIterableIterator<unknown, undefined> {
  /** Resolves when the server sends; rejects when it refuses, as the loop does. */
  readonly ready: Promise<void>;
  /** Items that fell because they were not taken in time. */
  readonly dropped: number;
  close(): void;
}

/** A stream, as the server tells of it. */
export interface ListedStream {
  readonly name: string;
  readonly owner: string;
  readonly subscribers: number;
  readonly active: boolean;
}

/**
 * Named streams of a server that installs `streams`, or of one of netconduit.
 *
 * @throws `INVALID_ARGUMENT` for an option that makes no sense
 */
export function streamClient(options: StreamClientOptions = {}): ClientFeature<StreamClient> {
  const { bufferItems = 1_000, now = Date.now } = options;
  checkWhole("bufferItems", bufferItems);
  return (host) => new StreamClient(host, bufferItems, now);
}

/** The streams of a server, seen from a client. */
export class StreamClient {
  readonly #host: ClientHost;
  readonly #bufferItems: number;
  readonly #now: () => number;
  readonly #wanted = new Map<string, Set<ItemBuffer>>();
  #broken = false;

  /** Use `client.install(streamClient())`. */
  constructor(host: ClientHost, bufferItems: number, now: () => number) {
    this.#host = host;
    this.#bufferItems = bufferItems;
    this.#now = now;
    host.onEvent("stream_data", (value) => this.#receive(value));
    host.onEvent("stream_closed", (value) => this.#end(readStreamData(value)?.stream));
    host.onState((state) => {
      if (state === "open" && this.#broken) this.#subscribeAgain();
      if (state === "closed") for (const name of [...this.#wanted.keys()]) this.#end(name, gone());
      this.#broken = state !== "open";
    });
  }

  /** Asks for the items of a stream; again after a reconnection. */
  subscribe(name: string): StreamSubscription {
    const buffers = this.#wanted.get(name) ?? new Set();
    this.#wanted.set(name, buffers);
    const buffer = new ItemBuffer(this.#bufferItems, () => this.#left(name, buffers, buffer));
    buffers.add(buffer);
    const ready = this.#ask("stream_subscribe", name).then(() => {});
    ready.catch((thrown: unknown) => buffer.end(SealwireError.from(thrown)));
    return subscriptionOf(buffer, ready);
  }

  /** Gives the server an item. Resolves when it is on its way. */
  async pushToServer(name: string, item: unknown): Promise<void> {
    await this.#host.emit("stream_data", streamData(name, item, this.#now()));
  }

  /** Makes a stream on the server. @throws `ALREADY_EXISTS`, `RATE_LIMITED` */
  async create(name: string): Promise<void> {
    await this.#ask("stream_create", name);
  }

  async list(): Promise<readonly ListedStream[]> {
    const answer = await this.#host.call("stream_list", { positional: [], named: {} });
    const listed = fieldsOf(answer)["streams"];
    return Array.isArray(listed) ? listed.map(listedFrom) : [];
  }

  #receive(value: unknown): void {
    const read = readStreamData(value);
    if (!read) return;
    // The Python server sends every item to every client: what nobody wants falls here.
    for (const buffer of this.#wanted.get(read.stream) ?? []) buffer.push(read.data);
  }

  #end(name: string | undefined, error?: Error): void {
    if (name === undefined) return;
    const buffers = this.#wanted.get(name) ?? [];
    this.#wanted.delete(name);
    for (const buffer of [...buffers]) buffer.end(error);
  }

  #left(name: string, buffers: Set<ItemBuffer>, buffer: ItemBuffer): void {
    buffers.delete(buffer);
    if (buffers.size > 0 || this.#wanted.get(name) !== buffers) return;
    this.#wanted.delete(name);
    // Whoever leaves does not wait; a connection that is gone has no subscriptions.
    this.#ask("stream_unsubscribe", name).catch(() => {});
  }

  #subscribeAgain(): void {
    for (const name of this.#wanted.keys()) {
      this.#ask("stream_subscribe", name).catch((thrown: unknown) => {
        this.#end(name, SealwireError.from(thrown));
      });
    }
  }

  async #ask(procedure: string, stream_name: string): Promise<void> {
    const answer = await this.#host.call(procedure, { positional: [], named: { stream_name } });
    const { error } = fieldsOf(answer);
    if (typeof error === "string") throw refusal(error);
  }
}

function gone(): SealwireError {
  return new SealwireError("UNAVAILABLE", "the connection has ended, and with it the stream");
}

function subscriptionOf(buffer: ItemBuffer, ready: Promise<void>): StreamSubscription {
  return {
    ready,
    get dropped() {
      return buffer.dropped;
    },
    close: () => void buffer.return(),
    next: () => buffer.next(),
    return: () => buffer.return(),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function listedFrom(value: unknown): ListedStream {
  const { name, owner, subscribers, active } = fieldsOf(value);
  return {
    name: String(name),
    owner: String(owner),
    subscribers: Number(subscribers),
    active: active === true,
  };
}

/** The texts are netconduit's: it has no codes for these. */
function refusal(text: string): SealwireError {
  if (text.startsWith("Stream not found")) return new SealwireError("NOT_FOUND", text);
  if (text.startsWith("Stream already exists")) return new SealwireError("ALREADY_EXISTS", text);
  if (text.startsWith("Too many streams")) return new SealwireError("RATE_LIMITED", text);
  return new SealwireError("UNKNOWN", text);
}
