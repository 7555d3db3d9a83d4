import type { Clock } from "../../core/contracts/clock.ts";
import type { Endpoint } from "../../core/contracts/datagram-socket.ts";
import type { Candidate } from "./candidate.ts";
import type { CandidatesOptions } from "./candidates.ts";
import type { Counters } from "./statistics.ts";

/** What a greeting needs and tells. */
export interface GreetingPort {
  readonly clock: Clock;
  readonly counters: Counters;
  send(bytes: Uint8Array, to: Endpoint): void;
  /** The peer has shown that it holds the key we have offered. */
  proven(candidate: Candidate, from: Endpoint): void;
  /**
   * A peer with another key has answered to ours although a session runs: it was started anew.
   * Whether to go on with it.
   */
  replaced(): boolean;
  /** The peer of a running session punches again: it does not understand us any more. */
  punched(): void;
  /** Whoever is there holds another secret, or none. */
  refused(): void;
}

/** Whom a greeting is for. */
export interface GreetingOptions extends CandidatesOptions {
  readonly remote: Endpoint;
  /** Where the peer was seen last, when its address has changed. */
  readonly lastRemote?: Endpoint;
  /** Does not punch and offers no key of its own accord; answers who comes. */
  readonly passive?: boolean | undefined;
  /** The peer has proven itself in an earlier session: nothing makes us doubt that it can. */
  readonly knownToFit?: boolean | undefined;
}
