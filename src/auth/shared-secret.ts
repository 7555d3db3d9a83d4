import { encodeUtf8 } from "../bytes/text.ts";
import type { Authenticator } from "../core/contracts/authenticator.ts";
import { SealwireError } from "../core/model/errors.ts";
import { NOBLE_SYMMETRIC } from "../crypto/providers/noble-symmetric.ts";
import { secretKey } from "../crypto/secret-strength.ts";
import { type AccountOrUser, accountOf, principalOf } from "./account.ts";

/** Whom a shared secret stands for. */
export interface SharedSecretOptions {
  /** @default "" */
  readonly user?: AccountOrUser;
}

/** More secrets than this are refused, since every handshake tries them all. */
const MAX_SHARED_SECRETS = 100;

/**
 * Accepts those who know a secret that both sides were given. Several at a time allow a change of
 * secret without a gap. Secrets must be generated: whoever records a handshake can try weak ones
 * for years, so they are refused here and passwords are the way.
 *
 * @throws `INVALID_ARGUMENT` when there is no secret, there are more than 100, or one is weak
 */
export function sharedSecret(
  secrets: string | Uint8Array | readonly (string | Uint8Array)[],
  options: SharedSecretOptions = {},
): Authenticator {
  const candidates = listOf(secrets).map(candidateOf);
  checkCount(candidates.length);
  const principal = principalOf(accountOf(options.user ?? ""));
  return {
    async authenticate(evidence) {
      if (evidence.scheme !== "proof") return undefined;
      return firstFit(candidates, evidence.matches) === undefined ? undefined : principal;
    },
    async findSecret(fits) {
      return firstFit(candidates, fits);
    },
  };
}

/** A secret as it was given, which some wires prove, and the key made from it, for our own. */
interface Candidate {
  readonly secret: Uint8Array;
  readonly key: Uint8Array;
}

function listOf(
  secrets: string | Uint8Array | readonly (string | Uint8Array)[],
): readonly (string | Uint8Array)[] {
  return typeof secrets === "string" || secrets instanceof Uint8Array ? [secrets] : secrets;
}

function candidateOf(given: string | Uint8Array): Candidate {
  const secret = typeof given === "string" ? encodeUtf8(given) : new Uint8Array(given);
  return { secret, key: secretKey(given, NOBLE_SYMMETRIC) };
}

/** Tries them all even after one fitted, so that the time does not tell which it was. */
function firstFit(
  candidates: readonly Candidate[],
  fits: (secret: Uint8Array) => boolean,
): Uint8Array | undefined {
  const all = candidates.flatMap(({ key, secret }) => [key, secret]);
  return all.filter((each) => fits(each))[0];
}

function checkCount(count: number): void {
  if (count >= 1 && count <= MAX_SHARED_SECRETS) return;
  throw new SealwireError(
    "INVALID_ARGUMENT",
    `${count} shared secrets; there must be 1 to ${MAX_SHARED_SECRETS}`,
  );
}
