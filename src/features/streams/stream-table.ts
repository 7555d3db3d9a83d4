import { encodeHex } from "../../bytes/text.ts";
import type { Delivered, Host } from "../../core/contracts/feature.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { Peer } from "../../core/model/peer.ts";
import { randomBytes } from "../../crypto/random.ts";
import type { StreamsOptions } from "./options.ts";
import { MAX_NAME_LENGTH } from "./params.ts";
import { ServerStream, type StreamInfo } from "./server-stream.ts";
import { readStreamData, streamData } from "./stream-data.ts";

/** Receives what clients push into a stream. */
export type ClientItem = (item: unknown, peer: Peer) => void;

/** The streams of a server by name, and who made them. */
export class StreamTable {
  readonly #host: Host;
  readonly #config: Required<StreamsOptions>;
  readonly #streams = new Map<string, ServerStream>();
  readonly #receivers = new Map<string, ClientItem[]>();

  constructor(host: Host, config: Required<StreamsOptions>) {
    this.#host = host;
    this.#config = config;
  }

  get(name: string): ServerStream | undefined {
    return this.#streams.get(name);
  }

  list(): readonly StreamInfo[] {
    return Array.from(this.#streams.values(), ({ info }) => info);
  }

  async pushToClients(name: string, item: unknown, peers?: Iterable<Peer>): Promise<Delivered> {
    if (!this.#streams.has(name)) throw new SealwireError("NOT_FOUND", notFound(name));
    const data = streamData(name, item, this.#config.now());
    if (!peers) return this.#host.broadcast("stream_data", data);
    const wanted = new Set(Array.from(peers, ({ id }) => id));
    const live = [...this.#host.peers()].filter(({ id }) => wanted.has(id));
    return this.#host.emit("stream_data", data, live);
  }

  onClientStream(name: string, receive: ClientItem): void {
    const receivers = this.#receivers.get(name) ?? [];
    receivers.push(receive);
    this.#receivers.set(name, receivers);
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#streams.values()].map((stream) => stream.close()));
  }

  /** `owner` is `"server"`, or the id of a peer. */
  create(owner: string, name: string): ServerStream {
    if (name === "" || name.length > MAX_NAME_LENGTH) {
      const message = `the name of a stream has 1 to ${MAX_NAME_LENGTH} characters`;
      throw new SealwireError("INVALID_ARGUMENT", message);
    }
    if (this.#streams.has(name)) {
      throw new SealwireError("ALREADY_EXISTS", "Stream already exists");
    }
    this.#checkRoom(owner);
    const stream = new ServerStream(name, encodeHex(randomBytes(16)), owner, {
      config: this.#config,
      // A host throws at once for a peer that has gone; here all failures are rejections.
      emit: async (event, data, to) => this.#host.emit(event, data, [to]),
      closed: () => this.#streams.delete(name),
    });
    this.#streams.set(name, stream);
    return stream;
  }

  /** A client has pushed an item. */
  receive(value: unknown, peer: Peer): unknown {
    const read = readStreamData(value);
    if (!read) return undefined;
    for (const receive of this.#receivers.get(read.stream) ?? []) receive(read.data, peer);
    // The Python server answers every item so, whether or not somebody wants it.
    return { received: true };
  }

  /** A client has gone, and with it what it wanted and made. */
  forget(peer: Peer): void {
    for (const stream of [...this.#streams.values()]) {
      stream.remove(peer);
      if (stream.owner === peer.id) void stream.close();
    }
  }

  #checkRoom(owner: string): void {
    const { maxStreams, maxStreamsPerPeer } = this.#config;
    let own = 0;
    for (const stream of this.#streams.values()) if (stream.owner === owner) own += 1;
    const full = owner !== "server" && own >= maxStreamsPerPeer;
    if (!full && this.#streams.size < maxStreams) return;
    const most = full ? `${maxStreamsPerPeer} for one client` : `${maxStreams}`;
    throw new SealwireError("RATE_LIMITED", `Too many streams: there may be ${most}`);
  }
}

/** What is told of a stream that is not there, in the words of netconduit. */
export function notFound(name: string): string {
  return `Stream not found: ${name}`;
}
