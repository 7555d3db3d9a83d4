import type { Authenticator } from "../core/contracts/authenticator.ts";
import { ANONYMOUS } from "../core/model/peer.ts";

/** Lets in those who prove nothing; they may call public procedures alone. */
export function anonymous(): Authenticator {
  return {
    async authenticate(evidence) {
      return evidence.scheme === "anonymous" ? ANONYMOUS : undefined;
    },
  };
}
