import { encodeHex } from "../../bytes/text.ts";
import type { Delivered, Feature, Host } from "../../core/contracts/feature.ts";
import { bindNamed } from "../../core/engine/bind.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { Peer } from "../../core/model/peer.ts";
import { randomBytes } from "../../crypto/random.ts";
import { type StreamsOptions, streamsConfig } from "./options.ts";
import { MAX_NAME_LENGTH, STREAM_NAME } from "./params.ts";
import { ServerStream, type StreamInfo } from "./server-stream.ts";
import { readStreamData, streamData } from "./stream-data.ts";

/** Receives what clients push into a stream. */
export type ClientItem = (item: unknown, peer: Peer) => void;

/**
 * Named streams as netconduit has them, over any wire with events: clients subscribe by name and
 * get what is pushed. For the answer to one call, a handler that streams is simpler.
 *
 * @throws `INVALID_ARGUMENT` for an option that makes no sense
 */
export function streams(options: StreamsOptions = {}): Feature<Streams> {
  const config = streamsConfig(options);
  return (host) => {
    const all = new Streams(host, config);
    addProcedures(host, config, all);
    host.onEvent("stream_data", (data, peer) => all.receive(data, peer));
    host.onDisconnect((peer) => all.forget(peer));
    host.onClose(() => all.closeAll());
    return all;
  };
}

/** The streams of a server. */
export class Streams {
  readonly #host: Host;
  readonly #config: Required<StreamsOptions>;
  readonly #streams = new Map<string, ServerStream>();
  readonly #receivers = new Map<string, ClientItem[]>();

  /** Use `server.install(streams())`. */
  constructor(host: Host, config: Required<StreamsOptions>) {
    this.#host = host;
    this.#config = config;
  }

  /**
   * Makes a stream to push into.
   *
   * @throws `ALREADY_EXISTS` for a name that is taken, `RATE_LIMITED` when there are too many
   */
  create(name: string): ServerStream {
    return this.createFor("server", name);
  }

  get(name: string): ServerStream | undefined {
    return this.#streams.get(name);
  }

  list(): readonly StreamInfo[] {
    return Array.from(this.#streams.values(), ({ info }) => info);
  }

  /**
   * Sends an item of a stream to clients that need not have subscribed: to those that are named
   * and still there, otherwise to all that take events named `stream_data`.
   *
   * @throws `NOT_FOUND` without such a stream
   */
  async pushToClients(name: string, item: unknown, peers?: Iterable<Peer>): Promise<Delivered> {
    if (!this.#streams.has(name)) throw new SealwireError("NOT_FOUND", notFound(name));
    const data = streamData(name, item, this.#config.now());
    if (!peers) return this.#host.broadcast("stream_data", data);
    const wanted = new Set(Array.from(peers, ({ id }) => id));
    const live = [...this.#host.peers()].filter(({ id }) => wanted.has(id));
    return this.#host.emit("stream_data", data, live);
  }

  /** Receives what clients push under a name. */
  onClientStream(name: string, receive: ClientItem): void {
    const receivers = this.#receivers.get(name) ?? [];
    receivers.push(receive);
    this.#receivers.set(name, receivers);
  }

  /** Ends all streams; the subscribers are told. */
  async closeAll(): Promise<void> {
    await Promise.all([...this.#streams.values()].map((stream) => stream.close()));
  }

  /** As `create`, for a client. */
  createFor(owner: string, name: string): ServerStream {
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

function addProcedures(host: Host, config: Required<StreamsOptions>, all: Streams): void {
  const params = { stream_name: STREAM_NAME };
  const add = (name: string, answer: (stream: string, peer: Peer) => unknown): void => {
    const handler = bindNamed(params, ({ stream_name }, { peer }) =>
      answer(String(stream_name), peer),
    );
    host.procedure(name, { ...config.access, params }, handler);
  };
  host.procedure("stream_list", { ...config.access, params: {} }, () => ({
    streams: all.list().map(({ name, owner, subscribers, active }) => ({
      name,
      owner,
      subscribers,
      active,
    })),
  }));
  add("stream_subscribe", (stream, peer) => {
    const found = all.get(stream);
    if (!found) return { error: notFound(stream) };
    found.add(peer);
    return { subscribed: true, stream };
  });
  add("stream_unsubscribe", (stream, peer) => {
    all.get(stream)?.remove(peer);
    return { unsubscribed: true };
  });
  if (config.clientsCreate) add("stream_create", (stream, peer) => created(all, stream, peer));
}

/** Clients of netconduit read refusals as results. */
function created(all: Streams, stream: string, peer: Peer): unknown {
  try {
    return { created: true, stream, stream_id: all.createFor(peer.id, stream).id };
  } catch (thrown) {
    return { error: SealwireError.from(thrown).message };
  }
}

function notFound(name: string): string {
  return `Stream not found: ${name}`;
}
