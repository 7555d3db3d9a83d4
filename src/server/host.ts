import type { CallContext } from "../core/contracts/context.ts";
import type { Host } from "../core/contracts/feature.ts";
import type { SessionHost } from "../core/contracts/session-host.ts";
import type { Connection } from "../core/engine/connection.ts";
import type { NodeSeat } from "../core/engine/node-seat.ts";
import type { Route, Router } from "../core/engine/router.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { Peer } from "../core/model/peer.ts";
import type { Access } from "./access.ts";
import type { Events } from "./events.ts";
import type { Hooks } from "./hooks.ts";
import { inContext } from "./in-context.ts";

/** What of a server a host shows. */
export interface HostParts {
  readonly server: { readonly connections: ReadonlyMap<string, Connection> };
  readonly router: Router;
  readonly events: Events;
  readonly hooks: Hooks;
  readonly nodes: NodeSeat;
  readonly sessions: SessionHost;
  readonly access: Access;
  readonly context: CallContext | undefined;
}

/** The part of a server that a feature may touch. */
export function hostFor(parts: HostParts): Host {
  const { server, router, events, hooks, nodes, sessions } = parts;
  const live = (peer: Peer): Connection => {
    const connection = server.connections.get(peer.id);
    if (connection) return connection;
    throw new SealwireError("UNAVAILABLE", `the peer ${peer.id} is not connected any more`);
  };
  return {
    procedure: (name, options, handler) => router.add(name, options, handler),
    use: (middleware) => router.use(middleware),
    onEvent: (name, receive) => events.onEvent(name, receive),
    onConnect: (hook) => void hooks.connect.push(hook),
    onDisconnect: (hook) => void hooks.disconnect.push(hook),
    onStart: (hook) => void hooks.start.push(hook),
    onClose: (release) => void hooks.close.push(release),
    emit: (name, data, to) => emitTo(name, data, [...to].map(live), events),
    broadcast: (name, data, options = {}) => events.broadcast(name, data, options),
    call: (peer, procedure, { positional, named }, options) =>
      live(peer).call(procedure, positional, { ...options, named }),
    disconnect: (peer, reason) => void live(peer).close(SealwireError.from(reason, "UNAVAILABLE")),
    peers: () => server.connections.values(),
    procedures: () => router.list(),
    find: (procedure) => guarded(router.local(procedure), parts),
    otherwise: (find) => router.otherwise(find),
    sessions,
    nodes,
  };
}

/** The procedure with the rules that the engine has for calls of its connections. */
function guarded(route: Route | undefined, { access, context }: HostParts): Route | undefined {
  if (!route) return undefined;
  const run: Route["run"] = (call) => {
    const refusal = access(route, call.principal);
    if (refusal) throw SealwireError.fromFailure(refusal);
    return context ? inContext(context, call, route.run) : route.run(call);
  };
  return { ...route, run };
}

async function emitTo(name: string, data: unknown, to: readonly Connection[], { absent }: Events) {
  const able = to.filter((connection) => connection.vocabulary.kinds.has("event"));
  const emit = (connection: Connection) =>
    connection.away ? absent.keep(connection, name, data) : connection.emit(name, data);
  await Promise.allSettled(able.map(emit));
  return { delivered: able.length, skipped: to.length - able.length };
}
