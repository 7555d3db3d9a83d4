import type { Host } from "../../core/contracts/feature.ts";
import { type CallArguments, toArguments } from "../../core/engine/arguments.ts";
import type { CallOptions } from "../../core/engine/call-options.ts";
import { fieldsOf } from "../../core/engine/fields.ts";
import { NO_ITEMS } from "../../core/engine/streams.ts";
import type { Call } from "../../core/model/call.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { Peer, Principal } from "../../core/model/peer.ts";
import type { Links } from "./links.ts";
import type { ClusterConfig } from "./options.ts";

/** A client that is connected to some node. */
export interface ClusterClient {
  /** By which it is called: its node and the id of its connection there, as in `a/c12`. */
  readonly id: string;
  /** Who it has proven to be. */
  readonly user?: Principal["id"];
  readonly remote: string;
}

/** Whom one looks for: one connection, or whoever has proven to be somebody. */
export type ClientQuery = { readonly id: string } | { readonly user: Principal["id"] };

/** Clients of one user that one node tells of. */
const MAX_FOUND = 1_000;

/** The clients of all nodes, found by name and called where they are. */
export class Clients {
  readonly #host: Host;
  readonly #config: ClusterConfig;
  readonly #links: Links;

  constructor(host: Host, config: ClusterConfig, links: Links) {
    this.#host = host;
    this.#config = config;
    this.#links = links;
  }

  /** What other nodes may call here. */
  get procedures(): Readonly<Record<string, (call: Call) => unknown>> {
    return {
      "$node.find": ({ args }) => this.#here(userFrom(args.positional[0])),
      "$node.call": (call) => this.#callHere(call),
    };
  }

  /** Everybody who is connected under this name; nodes that do not answer are left out. */
  async find(user: Principal["id"]): Promise<readonly ClusterClient[]> {
    const { others } = this.#host.nodes;
    const asked = others.map((node) =>
      this.#links.to(node).call("$node.find", [user], { timeoutMs: this.#config.callTimeoutMs }),
    );
    const answers = await Promise.allSettled(asked);
    const found = answers.flatMap((answer) =>
      answer.status === "fulfilled" && Array.isArray(answer.value)
        ? answer.value.slice(0, MAX_FOUND).map(readClient)
        : [],
    );
    return [...this.#here(user), ...found.filter((client) => client !== undefined)];
  }

  /** @throws `NOT_FOUND` when nobody is there, and what the client's procedure throws */
  async call(
    to: ClientQuery,
    procedure: string,
    args: CallArguments | undefined,
    options: CallOptions,
  ): Promise<unknown> {
    const id = "id" in to ? to.id : (await this.find(to.user))[0]?.id;
    const [node = "", connection = ""] = id?.split("/", 2) ?? [];
    const given = toArguments(args, options.named);
    const { named: _named, timeoutMs = this.#config.callTimeoutMs, ...rest } = options;
    if (node === this.#host.nodes.self) {
      const peer = this.#peer(connection);
      return this.#host.call(peer, procedure, given, { ...rest, timeoutMs });
    }
    if (!this.#host.nodes.others.includes(node)) throw gone(to);
    const { positional, named } = given;
    const asked = [connection, procedure, positional, named];
    return this.#links.to(node).call("$node.call", asked, { ...rest, timeoutMs });
  }

  #here(user: Principal["id"]): readonly ClusterClient[] {
    const all = [...this.#host.peers()].filter(({ principal }) => principal?.id === user);
    return all.slice(0, MAX_FOUND).map(({ id, remote }) => {
      return { id: `${this.#host.nodes.self}/${id}`, user, remote };
    });
  }

  #callHere({ args, deadline, input, meta, signal }: Call): Promise<unknown> {
    const [connection, procedure, positional, named] = args.positional;
    const peer = this.#peer(connection);
    if (typeof procedure !== "string" || !Array.isArray(positional)) throw malformed();
    const given = { positional, named: fieldsOf(named) };
    const leftMs = (deadline ?? Infinity) - this.#config.clock.now();
    return this.#host.call(peer, procedure, given, {
      ...{ signal, meta, timeoutMs: Math.max(1, leftMs) },
      ...(input !== NO_ITEMS && { input }),
    });
  }

  #peer(id: unknown): Peer {
    for (const peer of this.#host.peers()) if (peer.id === id) return peer;
    throw gone({ id: `${this.#host.nodes.self}/${id}` });
  }
}

function userFrom(value: unknown): Principal["id"] {
  if (typeof value === "string" || typeof value === "number") return value;
  throw malformed();
}

function readClient(value: unknown): ClusterClient | undefined {
  const { id, user, remote } = fieldsOf(value);
  if (typeof id !== "string" || typeof remote !== "string") return undefined;
  const named = typeof user === "string" || typeof user === "number" ? { user } : {};
  return { id, remote, ...named };
}

function gone(to: ClientQuery): SealwireError {
  const who = "id" in to ? to.id : `of ${to.user}`;
  return new SealwireError("NOT_FOUND", `no client ${who} is connected to any node`);
}

function malformed(): SealwireError {
  return new SealwireError("INVALID_ARGUMENT", "another node asked for what no node asks for");
}
