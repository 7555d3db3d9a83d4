import { equalBytes } from "../bytes/equal.ts";
import { encodeUtf8 } from "../bytes/text.ts";
import type { Authenticator } from "../core/contracts/authenticator.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { Peer, Principal } from "../core/model/peer.ts";
import { NOBLE_SYMMETRIC } from "../crypto/providers/noble-symmetric.ts";
import {
  type Account,
  type AccountOrUser,
  accountOf,
  checkNotExpired,
  type Now,
  principalOf,
  SYSTEM_TIME,
} from "./account.ts";

/**
 * Judges a token: the principal it proves, or `undefined` when it is none of this judge's. What it
 * throws is a refusal. It may look at `peer.binding` to accept a token on one connection only.
 */
export type VerifyToken = (
  token: string,
  peer: Peer,
) => Principal | undefined | Promise<Principal | undefined>;

/** The longest token that is looked at. */
const MAX_TOKEN_LENGTH = 16_384;

/**
 * Accepts those who bring a token: one of a list, of which only hashes are kept, or one that a
 * function accepts, such as a JSON Web Token.
 *
 * @throws `INVALID_ARGUMENT` when a token of the list is empty or too long
 */
export function bearerTokens(
  tokens: Readonly<Record<string, AccountOrUser>> | VerifyToken,
  options: { readonly clock?: Now } = {},
): Authenticator {
  const verify =
    typeof tokens === "function" ? tokens : verifyListed(tokens, options.clock ?? SYSTEM_TIME);
  return {
    async authenticate(evidence, peer) {
      if (evidence.scheme !== "token") return undefined;
      const { token } = evidence;
      if (token.length === 0 || token.length > MAX_TOKEN_LENGTH) throw refused(wrongLength(token));
      try {
        return await verify(token, peer);
      } catch (cause) {
        // Limits and failures of our own keep their code; what a library throws is a refusal.
        throw cause instanceof SealwireError ? cause : refused("this token does not hold", cause);
      }
    },
  };
}

interface ListedToken {
  readonly hash: Uint8Array;
  readonly account: Account;
  readonly principal: Principal;
}

function verifyListed(tokens: Readonly<Record<string, AccountOrUser>>, clock: Now): VerifyToken {
  const listed = Object.entries(tokens).map(listedToken);
  return (token) => {
    const hash = NOBLE_SYMMETRIC.sha256(encodeUtf8(token));
    const found = listed.filter((each) => equalBytes(each.hash, hash))[0];
    if (found === undefined) return undefined;
    checkNotExpired(found.account, clock);
    return found.principal;
  };
}

function listedToken([token, accountOrUser]: readonly [string, AccountOrUser]): ListedToken {
  if (token.length === 0 || token.length > MAX_TOKEN_LENGTH) {
    throw new SealwireError("INVALID_ARGUMENT", wrongLength(token));
  }
  const account = accountOf(accountOrUser);
  const hash = NOBLE_SYMMETRIC.sha256(encodeUtf8(token));
  return { hash, account, principal: principalOf(account) };
}

function wrongLength(token: string): string {
  return `a token has 1 to ${MAX_TOKEN_LENGTH} characters, this one ${token.length}`;
}

function refused(message: string, cause?: unknown): SealwireError {
  return new SealwireError("UNAUTHENTICATED", message, { cause });
}
