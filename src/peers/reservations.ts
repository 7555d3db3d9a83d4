import { equalBytes } from "../bytes/equal.ts";
import { encodeUtf8 } from "../bytes/text.ts";
import { Writer } from "../bytes/writer.ts";
import type { Hmac } from "../crypto/derive.ts";
import { type Reservation, TOKEN_BYTES } from "./service-datagram.ts";

/** Promises of room at a relay, which a relay checks without having heard of them. */
export interface Reservations {
  make(session: Uint8Array): Reservation;
  holds(session: Uint8Array, reservation: Reservation): boolean;
}

const LIFETIME_S = 3_600;

/** Reservations under the secret that a rendezvous and its relays share. */
export function reservations(crypto: Hmac, secret: Uint8Array, now: () => number): Reservations {
  const proofOf = (session: Uint8Array, expiresS: number) => {
    const writer = new Writer().bytes(encodeUtf8("sealwire/relay/v1")).bytes(session);
    return crypto.hmacSha256(secret, writer.uint32(expiresS).finish()).subarray(0, TOKEN_BYTES);
  };
  return {
    make(session) {
      const expiresS = Math.floor(now() / 1_000) + LIFETIME_S;
      return { expiresS, proof: proofOf(session, expiresS) };
    },
    holds(session, { expiresS, proof }) {
      return expiresS * 1_000 > now() && equalBytes(proof, proofOf(session, expiresS));
    },
  };
}
