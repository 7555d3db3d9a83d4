import type { Endpoint } from "../core/contracts/datagram-socket.ts";
import type { SealwireError } from "../core/model/errors.ts";
import type { PathKind } from "./path.ts";

/** What happens on the way to a peer, as it happens. */
export type PeerStatus =
  /** A socket is bound. */
  | { readonly status: "CONNECTED"; readonly local: Endpoint }
  /** Waiting, for what `phase` says. */
  | { readonly status: "UDP_WAITING"; readonly phase: PeerPhase }
  /** There is a path on which the other side has proven the key; again for each other path. */
  | {
      readonly status: "UDP_ESTABLISHED";
      readonly path: PathKind;
      readonly remote: Endpoint;
      readonly rttMs: number | undefined;
    }
  /** The path has gone, others are tried. */
  | { readonly status: "RECONNECTING" }
  /** It did not work, or has ended. */
  | { readonly status: "ERROR"; readonly error: SealwireError };

/**
 * `rendezvous`: reaching it. `offer`: the other side is not there yet. `punching`: all addresses
 * are tried. `birthday`: many ports are tried.
 */
export type PeerPhase = "rendezvous" | "offer" | "punching" | "birthday";

/** Is told of each change; `session` tells several apart. */
export type OnStatus = (status: PeerStatus, session: string) => void;
