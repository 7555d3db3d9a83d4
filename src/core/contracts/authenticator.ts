import type { Evidence } from "../model/credentials.ts";
import type { Peer, Principal } from "../model/peer.ts";

/**
 * Turns evidence into a principal.
 * `undefined` means "not mine to judge", so that several can be tried in turn.
 */
export interface Authenticator {
  /** @throws `UNAUTHENTICATED` when the evidence is its own to judge and does not hold. */
  authenticate(evidence: Evidence, peer: Peer): Promise<Principal | undefined>;
  /**
   * The pre-shared key, 32 bytes made of the secret by HKDF (see `crypto/secret-strength.ts`), for
   * which `fits` says yes.
   */
  findSecret?(fits: (secret: Uint8Array) => boolean): Promise<Uint8Array | undefined>;
}
