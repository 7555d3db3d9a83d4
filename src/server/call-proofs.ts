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
  readonly #shown = new WeakMap<Peer, Shown>();

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

  /**
   * Runs a call that needs no proof, as nobody: another call of its connection may have had one.
   * What is asked of Sealwire itself (`$list`) depends on who asks, so there a proof counts.
   */
  runPublic(call: Call, route: Route): unknown {
    if (!(call instanceof IncomingCall)) return route.run(call);
    const { evidence = NOTHING } = call;
    const offered = evidence.scheme !== "anonymous";
    if (offered && route.name.startsWith("$")) return this.run(call, route);
    call.principal = undefined;
    return route.run(call);
  }

  #admit(call: IncomingCall, route: Route, principal: Principal): unknown {
    call.principal = principal === ANONYMOUS ? undefined : principal;
    const denied = this.#owner.access(route, call.principal);
    if (denied) throw SealwireError.fromFailure(denied);
    return route.run(call);
  }

  #remembered(peer: Peer, evidence: Evidence): Principal | undefined {
    const name = nameOf(evidence);
    const remembered = name === undefined ? undefined : this.#shown.get(peer)?.held.get(name);
    return remembered?.revoked?.aborted ? undefined : remembered;
  }

  /** Calls that bring the same at once wait for one judgement: stretching a password is costly. */
  #judge(peer: Peer, evidence: Evidence): Promise<Principal> {
    const name = nameOf(evidence);
    const shown = this.#shown.get(peer) ?? { proven: false, held: new Map(), judged: new Map() };
    this.#shown.set(peer, shown);
    const known = name === undefined ? undefined : shown.judged.get(name);
    const judging = known ?? this.#prove(peer, evidence, name, shown);
    if (known || name === undefined) return judging;
    const done = () => shown.judged.delete(name);
    shown.judged.set(name, judging);
    judging.then(done, done);
    return judging;
  }

  async #prove(
    peer: Peer,
    evidence: Evidence,
    name: string | undefined,
    shown: Shown,
  ): Promise<Principal> {
    const principal = await this.#owner.judge(evidence, peer);
    if (principal === ANONYMOUS) return principal;
    if (!shown.proven) this.#owner.proven(peer, principal);
    shown.proven = true;
    if (name === undefined) return principal;
    const room = shown.held.size < MAX_REMEMBERED || shown.held.has(name);
    if (room) shown.held.set(name, principal);
    return principal;
  }
}

/** What one connection has shown so far. */
interface Shown {
  /** Its owner has been told who is behind it. */
  proven: boolean;
  readonly held: Map<string, Principal>;
  /** What is being judged now. */
  readonly judged: Map<string, Promise<Principal>>;
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
