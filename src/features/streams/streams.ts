import type { Delivered, Feature, Host } from "../../core/contracts/feature.ts";
import { bindNamed } from "../../core/engine/bind.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { Peer } from "../../core/model/peer.ts";
import { type StreamsOptions, streamsConfig } from "./options.ts";
import { STREAM_NAME } from "./params.ts";
import type { ServerStream, StreamInfo } from "./server-stream.ts";
import { type ClientItem, notFound, StreamTable } from "./stream-table.ts";

/** The streams of a server. */
export interface Streams {
  /**
   * Makes a stream to push into.
   *
   * @throws `ALREADY_EXISTS` for a name that is taken, `RATE_LIMITED` when there are too many
   */
  create(name: string): ServerStream;
  get(name: string): ServerStream | undefined;
  list(): readonly StreamInfo[];
  /**
   * Sends an item of a stream to clients that need not have subscribed: to those that are named
   * and still there, otherwise to all that take events named `stream_data`.
   *
   * @throws `NOT_FOUND` without such a stream
   */
  pushToClients(name: string, item: unknown, peers?: Iterable<Peer>): Promise<Delivered>;
  /** Receives what clients push under a name. */
  onClientStream(name: string, receive: ClientItem): void;
  /** Ends all streams; the subscribers are told. */
  closeAll(): Promise<void>;
}

/**
 * Named streams as netconduit has them, over any wire with events: clients subscribe by name and
 * get what is pushed. For the answer to one call, a handler that streams is simpler.
 *
 * @throws `INVALID_ARGUMENT` for an option that makes no sense
 */
export function streams(options: StreamsOptions = {}): Feature<Streams> {
  const config = streamsConfig(options);
  return (host) => {
    const all = new StreamTable(host, config);
    addProcedures(host, config, all);
    host.onEvent("stream_data", (data, peer) => all.receive(data, peer));
    host.onDisconnect((peer) => all.forget(peer));
    host.onClose(() => all.closeAll());
    return {
      create: (name) => all.create("server", name),
      get: (name) => all.get(name),
      list: () => all.list(),
      pushToClients: (name, item, peers) => all.pushToClients(name, item, peers),
      onClientStream: (name, receive) => all.onClientStream(name, receive),
      closeAll: () => all.closeAll(),
    };
  };
}

function addProcedures(host: Host, config: Required<StreamsOptions>, all: StreamTable): void {
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
function created(all: StreamTable, stream: string, peer: Peer): unknown {
  try {
    return { created: true, stream, stream_id: all.create(peer.id, stream).id };
  } catch (thrown) {
    return { error: SealwireError.from(thrown).message };
  }
}
