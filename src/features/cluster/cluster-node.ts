import type { Host, Registered } from "../../core/contracts/feature.ts";
import type { NodeCarrier } from "../../core/contracts/nodes.ts";
import { readCaller } from "../../core/engine/caller.ts";
import { changeCall } from "../../core/engine/change-call.ts";
import { Connection } from "../../core/engine/connection.ts";
import type { Call, Handler } from "../../core/model/call.ts";
import { Bus } from "./bus.ts";
import { Clients } from "./clients.ts";
import { Elsewhere } from "./elsewhere.ts";
import { Links } from "./links.ts";
import { Membership } from "./membership.ts";
import type { ClusterConfig } from "./options.ts";
import { leadSessions } from "./sessions.ts";
import { Ways } from "./ways.ts";
import { ClusterWithdrawals } from "./withdrawals.ts";

/** This server as a node: joins what carries its words with those who speak. */
export class ClusterNode {
  readonly members: Membership;
  readonly elsewhere: Elsewhere;
  readonly clients: Clients;
  readonly withdrawals: ClusterWithdrawals;
  readonly #host: Host;
  readonly #links: Links;
  readonly #own: ReadonlyMap<string, Registered>;

  constructor(host: Host, config: ClusterConfig) {
    this.#host = host;
    const bus: Bus = new Bus(config, (from, message) => {
      if (this.members.receive(from, message)) ways.receive(from.node, message);
    });
    const ways = new Ways(config, bus, (way, purpose, node) => {
      if (purpose === "calls") this.#links.accept(way, node);
      else enter(way);
    });
    this.members = new Membership(config, bus, {
      reports: host.nodes.join(this.#carrier(config.cluster.nodeId)),
      load: () => this.#load,
      ticked: () => this.elsewhere.tellChanges(),
      gone: ({ node }) => ways.gone(node),
    });
    const openFor = (node: string) => ways.open(node, "session");
    const enter = leadSessions(host.sessions, bus, this.members, openFor);
    this.#links = new Links(config, {
      find: (procedure) => this.#find(procedure),
      open: (node) => ways.open(node, "calls"),
    });
    this.clients = new Clients(host, config, this.#links);
    this.#own = registered(this.clients.procedures);
    this.withdrawals = new ClusterWithdrawals(host);
    this.elsewhere = new Elsewhere(host, config, this.members, this.#links);
    host.onStart(async () => {
      await bus.start();
      this.members.start();
    });
    host.onClose(async () => {
      await this.#links.close();
      await this.members.close();
      await ways.close();
      await bus.close();
      await config.cluster.close();
    });
  }

  #carrier(self: string): NodeCarrier {
    const others = () => this.members.others.map(({ node }) => node);
    const reachable = () => this.members.reachable;
    return {
      self,
      get others() {
        return others();
      },
      get reachable() {
        return reachable();
      },
      say: (topic, value, to) => this.members.say(topic, value, to),
    };
  }

  /** Calls that run here, of clients and of other nodes. */
  get #load(): number {
    let running = this.#links.running;
    for (const peer of this.#host.peers()) {
      if (peer instanceof Connection) running += peer.statistics.incomingCalls;
    }
    return running;
  }

  /** What other nodes may call: what the node itself has for them, and what is registered. */
  #find(procedure: string): Registered | undefined {
    if (procedure.startsWith("$")) return this.#own.get(procedure);
    const found = this.#host.find(procedure);
    return found && { ...found, run: (call) => found.run(forCaller(call)) };
  }
}

function registered(procedures: Readonly<Record<string, Handler>>) {
  const named = Object.entries(procedures);
  return new Map(named.map(([name, run]) => [name, { name, options: {}, run }]));
}

/** The call as it came to the other node. */
function forCaller(call: Call): Call {
  const {
    meta,
    principal,
    peer = { id: call.peer.id, remote: "", dialect: "" },
  } = readCaller(call.meta);
  return changeCall(call, { meta, principal, peer: { ...peer, principal } });
}
