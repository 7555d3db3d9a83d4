import { IncomingCall } from "../core/engine/incoming-call.ts";
import type { Route } from "../core/engine/router.ts";
import type { Call } from "../core/model/call.ts";
import type { Evidence } from "../core/model/credentials.ts";
import { SealwireError } from "../core/model/errors.ts";
import { ANONYMOUS, type Peer, type Principal } from "../core/model/peer.ts";
import type { Access } from "./access.ts";

/** Judges evidence; rejects with `UNAUTHENTICATED`. */
export type Judge = (evidence: Evidence, peer: Peer) => Promise<Principal>;

/** What the proofs of single calls need of their server. */
export interface CallProofsOwner {
  readonly judge: Judge;
  readonly access: Access;
  /** A connection has shown for the first time who is behind it. */
  proven(peer: Peer, principal: Principal): void;
}

/** More identities than this over one connection are judged anew each time. */
const MAX_REMEMBERED = 16;

/**
 * On wires that prove the caller with every call: judges the evidence, remembers for the connection
 * what held, and lets the call go on as who was proven.
 */
export class CallProofs {
  readonly #owner: CallProofsOwner;
  readonly #known = new WeakMap<Peer, Map<string, Principal>>();

  constructor(owner: CallProofsOwner) {
    this.#owner = owner;
  }

  /** Runs the call as the one who was proven. @throws `UNAUTHENTICATED`, `PERMISSION_DENIED` */
  run(call: Call, route: Route): unknown {
    if (!(call instanceof IncomingCall))
      throw new SealwireError("INTERNAL", "not a call of a peer");
    const evidence = call.evidence ?? NOTHING;
    const known = this.#remembered(call.peer, evidence);
    if (known) return this.#admit(call, route, known);
    return this.#judge(call.peer, evidence).then((judged) => this.#admit(call, route, judged));
  }

  #admit(call: IncomingCall, route: Route, principal: Principal): unknown {
    call.principal = principal === ANONYMOUS ? undefined : principal;
    const denied = this.#owner.access(route, call.principal);
    if (denied) throw SealwireError.fromFailure(denied);
    return route.run(call);
  }

  #remembered(peer: Peer, evidence: Evidence): Principal | undefined {
    const name = nameOf(evidence);
    const remembered = name === undefined ? undefined : this.#known.get(peer)?.get(name);
    return remembered?.revoked?.aborted ? undefined : remembered;
  }

  async #judge(peer: Peer, evidence: Evidence): Promise<Principal> {
    const principal = await this.#owner.judge(evidence, peer);
    const name = nameOf(evidence);
    if (name === undefined || principal === ANONYMOUS) return principal;
    const known = this.#known.get(peer) ?? new Map<string, Principal>();
    if (known.size === 0) this.#owner.proven(peer, principal);
    if (known.size < MAX_REMEMBERED) this.#known.set(peer, known.set(name, principal));
    return principal;
  }
}

const NOTHING: Evidence = Object.freeze({ scheme: "anonymous" });

/** What tells one piece of evidence from another, where it can be repeated. */
function nameOf(evidence: Evidence): string | undefined {
  switch (evidence.scheme) {
    case "password":
      return JSON.stringify(["password", evidence.user ?? null, evidence.password]);
    case "api-key":
      return `api-key ${evidence.key}`;
    case "token":
      return `token ${evidence.token}`;
    default:
      return undefined;
  }
}
