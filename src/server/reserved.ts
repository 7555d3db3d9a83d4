import type { Authenticator } from "../core/contracts/authenticator.ts";
import type { Connection } from "../core/engine/connection.ts";
import type { Router } from "../core/engine/router.ts";
import type { Call } from "../core/model/call.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { Events } from "./events.ts";

/** What the reserved procedures need of their server. */
export interface ReservedParts {
  readonly router: Router;
  readonly events: Events;
  readonly authenticator: Authenticator;
  readonly connections: ReadonlyMap<string, Connection>;
  /** Somebody has proven anew who it is. */
  proven(connection: Connection): void;
}

/** Procedures every server has: watching events, and proving anew who one is. */
export function addReserved(parts: ReservedParts): void {
  const { router, events } = parts;
  router.add("$events.watch", { public: true, description: WATCH }, (call) => {
    const [name, slow, buffer] = call.args.positional;
    events.watch(connectionOf(call, parts), name, slow, buffer);
  });
  router.add("$events.unwatch", { public: true, description: UNWATCH }, (call) => {
    events.unwatch(connectionOf(call, parts), call.args.positional[0]);
  });
  router.add("$prove", { description: PROVE }, () => true);
  router.add("$authenticate", { public: true, description: AUTHENTICATE }, (call) =>
    authenticate(call, parts),
  );
}

const WATCH = "Sends the named event from now on: (name, slow-consumer policy, buffer).";
const UNWATCH = "Sends the named event no more.";
const PROVE = "Does nothing but judge who calls, on wires that prove it with each call.";
const AUTHENTICATE = "Proves anew who calls, by a bearer token.";

async function authenticate(call: Call, parts: ReservedParts): Promise<void> {
  const [token] = call.args.positional;
  if (typeof token !== "string") throw new SealwireError("INVALID_ARGUMENT", "a token is text");
  const connection = connectionOf(call, parts);
  const principal = await parts.authenticator.authenticate({ scheme: "token", token }, connection);
  if (!principal) throw new SealwireError("UNAUTHENTICATED", "the token is not accepted here");
  if (connection.ending) throw new SealwireError("UNAVAILABLE", "the connection has ended");
  if (connection.principal && connection.principal.id !== principal.id) {
    throw new SealwireError("PERMISSION_DENIED", "the token belongs to somebody else");
  }
  connection.principal = principal;
  parts.proven(connection);
}

function connectionOf({ peer }: Call, { connections }: ReservedParts): Connection {
  const connection = connections.get(peer.id);
  if (connection) return connection;
  throw new SealwireError("UNAVAILABLE", "the connection has ended");
}
