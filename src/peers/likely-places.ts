import type { Endpoint } from "../core/contracts/datagram-socket.ts";
import type { Offer } from "./sealed-offer.ts";

/** What was told, and of a router that counts the ports that come next. */
export function likelyPlaces({ nat, candidates }: Offer): readonly Endpoint[] {
  const [seen] = candidates;
  if (nat !== "counting" || !seen) return candidates;
  const next = Array.from({ length: GUESSED_AHEAD }, (_, i) => ({
    host: seen.host,
    port: seen.port + 1 + i,
  }));
  return [...candidates, ...next];
}

const GUESSED_AHEAD = 16;
