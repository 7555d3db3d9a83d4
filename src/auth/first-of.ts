import type { Authenticator } from "../core/contracts/authenticator.ts";

/**
 * Asks several authenticators in turn: the first that answers decides. One that throws decides
 * too, since the evidence was its own to judge.
 */
export function firstOf(...authenticators: readonly Authenticator[]): Authenticator {
  return {
    async authenticate(evidence, peer) {
      for (const each of authenticators) {
        const principal = await each.authenticate(evidence, peer);
        if (principal !== undefined) return principal;
      }
      return undefined;
    },
    async findSecret(fits) {
      for (const each of authenticators) {
        const secret = await each.findSecret?.(fits);
        if (secret !== undefined) return secret;
      }
      return undefined;
    },
  };
}
