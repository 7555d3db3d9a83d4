import type { PairingKeys, SessionKeys } from "./pairing-keys.ts";
import type { RelayPromise } from "./relay-binding.ts";
import type { Offer } from "./sealed-offer.ts";
import type { SessionGround } from "./session-ground.ts";
import type { PeerStatus } from "./status.ts";
import type { PeerSurroundings } from "./surroundings.ts";

/** Everything that both sides know when a session begins. */
export interface SessionParts {
  readonly surroundings: PeerSurroundings;
  readonly ground: SessionGround;
  readonly keys: PairingKeys;
  readonly session: Uint8Array;
  readonly sealing: SessionKeys;
  /** What we have told, and what the other side has. */
  readonly own: Offer;
  readonly other: Offer;
  readonly role: "caller" | "listener";
  readonly relay: RelayPromise | undefined;
  /** Taken while many ports are tried; `undefined` when somebody else does so. */
  readonly takeTurn: () => (() => void) | undefined;
  /** The path is gone: asks, over the rendezvous, whether the other side still knows us. */
  readonly inquire?: () => void;
  /** The relay has forgotten us: the rendezvous may have been started anew as well. */
  readonly onForgotten?: () => void;
  readonly onStatus: (status: PeerStatus) => void;
  readonly signal: AbortSignal;
}
