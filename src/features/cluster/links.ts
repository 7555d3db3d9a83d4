import type { Registered } from "../../core/contracts/feature.ts";
import { Connection } from "../../core/engine/connection.ts";
import type { ConnectionSetup } from "../../core/engine/connection-setup.ts";
import type { Link } from "../../core/engine/handshake.ts";
import { DEFAULT_LIMITS } from "../../core/engine/limits.ts";
import { wholeFrames } from "../../core/engine/whole-frames.ts";
import { NODE_LANGUAGE, nodeSession } from "./node-language.ts";
import type { ClusterConfig } from "./options.ts";
import type { Way } from "./way.ts";

/** What links need of their node. */
export interface LinksOwner {
  /** What the other nodes may call. */
  find(procedure: string): Registered | undefined;
  open(node: string): Way;
}

/**
 * One connection to each node that is called: calls, streams, deadlines and cancellation are those
 * of the engine, over a way through the cluster in place of a socket.
 */
export class Links {
  readonly #setup: ConnectionSetup;
  readonly #owner: LinksOwner;
  readonly #outgoing = new Map<string, Connection>();
  readonly #incoming = new Set<Connection>();

  constructor({ logger, callTimeoutMs, clock }: ClusterConfig, owner: LinksOwner) {
    this.#owner = owner;
    this.#setup = {
      ...{ logger, callTimeoutMs, clock, limits: DEFAULT_LIMITS },
      turn: { endOfTurn: (run) => queueMicrotask(run) },
      // Nodes that have gone are noticed for all ways at once.
      heartbeat: false,
      handlerTimeoutMs: Number.POSITIVE_INFINITY,
      routes: { find: (procedure) => owner.find(procedure) },
      // Each procedure looks at the caller that the other node names.
      authorize: () => undefined,
      onEvent() {},
      onGoodbye() {},
      onClosed: (closed) => this.#closed(closed),
    };
  }

  /** Calls of other nodes that run here. */
  get running(): number {
    let running = 0;
    for (const { statistics } of this.#incoming) running += statistics.incomingCalls;
    return running;
  }

  /** Calls of ours that are open at a node. */
  openAt(node: string): number {
    return this.#outgoing.get(node)?.statistics.outgoingCalls ?? 0;
  }

  /** The connection to a node, opened when it is first needed. */
  to(node: string): Connection {
    const known = this.#outgoing.get(node);
    if (known && !known.ending) return known;
    const connection = new Connection(node, linkOver(this.#owner.open(node), true), this.#setup);
    this.#outgoing.set(node, connection);
    return connection;
  }

  /** Another node wants to call here. */
  accept(way: Way, node: string): void {
    this.#incoming.add(new Connection(node, linkOver(way, false), this.#setup));
  }

  /** Lets calls of other nodes end first, within the time that any call has. */
  async close(): Promise<void> {
    const { callTimeoutMs } = this.#setup;
    await Promise.all([...this.#incoming].map((connection) => connection.drain(callTimeoutMs)));
    await Promise.all([...this.#outgoing.values()].map((connection) => connection.close()));
  }

  #closed(connection: Connection): void {
    this.#incoming.delete(connection);
    if (this.#outgoing.get(connection.id) === connection) this.#outgoing.delete(connection.id);
  }
}

function linkOver(channel: Way, connected: boolean): Link {
  return {
    ...{ channel, connected, dialect: NODE_LANGUAGE, early: [] },
    session: nodeSession(connected ? 1 : 2),
    framing: wholeFrames(DEFAULT_LIMITS.maxFrameBytes),
    chunks: channel[Symbol.asyncIterator](),
  };
}
