import { equalBytes } from "../bytes/equal.ts";
import { encodeUtf8 } from "../bytes/text.ts";
import type { Authenticator } from "../core/contracts/authenticator.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { Principal } from "../core/model/peer.ts";
import { NOBLE_SYMMETRIC } from "../crypto/providers/noble-symmetric.ts";
import { randomBytes } from "../crypto/random.ts";
import { stretch } from "../crypto/stretch.ts";
import { checkNotExpired, type Now, SYSTEM_TIME } from "./account.ts";
import { pakeRecords } from "./pake-records.ts";
import { type KnownUser, knownUsers, type Passwords } from "./password-accounts.ts";
import { isPasswordOf } from "./password-record.ts";
import { RecentMap } from "./recent-map.ts";
import { STRETCHING_LIMITS, Turnstile } from "./turnstile.ts";

/** How passwords are judged. */
export interface PasswordsOptions {
  readonly clock?: Now;
  /**
   * Users whose last right password is remembered, as a hash under a key of this process, on wires
   * that carry passwords: it saves them the stretching.
   *
   * @default 10_000
   */
  readonly rememberedUsers?: number;
}

/** The longest password that is looked at. */
export const MAX_PASSWORD_LENGTH = 1024;

/**
 * Accepts those who know a password: one for all (its user is `""`), one for each user, or records
 * made by `passwordRecord`. Put `throttled` around it, since passwords can be guessed.
 *
 * @throws `INVALID_ARGUMENT` when a password is empty or a user occurs twice
 */
export function passwords(given: Passwords, options: PasswordsOptions = {}): Authenticator {
  const users = knownUsers(given);
  const recordOf = pakeRecords(users);
  const isRight = passwordCheck(users, options);
  const { clock = SYSTEM_TIME } = options;
  return {
    async authenticate(evidence) {
      if (evidence.scheme === "pake") {
        const proven = await evidence.prove(await recordOf(evidence.user));
        return admitted(proven ? users.get(evidence.user) : undefined, clock);
      }
      if (evidence.scheme === "password") {
        return admitted(await isRight(evidence.user, evidence.password), clock);
      }
      if (evidence.scheme !== "proof") return undefined;
      const fitting = candidates(users, evidence.user).filter(({ plain, asWritten }) =>
        [plain, asWritten].some((form) => form !== undefined && evidence.matches(form)),
      )[0];
      return fitting === undefined ? undefined : admitted(fitting, clock);
    },
  };
}

function admitted(user: KnownUser | undefined, clock: Now): Principal {
  if (user === undefined) {
    // The same words for unknown users and wrong passwords: neither may be found out.
    throw new SealwireError("UNAUTHENTICATED", "user name and password do not fit together");
  }
  checkNotExpired(user.account, clock);
  return user.principal;
}

/**
 * Whose password it may be. Some wires carry no name: there it is the password for all or, if
 * there is none, that of any user whose password is known in plain text.
 */
function candidates(
  users: ReadonlyMap<string, KnownUser>,
  name: string | undefined,
): readonly KnownUser[] {
  const named = users.get(name ?? "");
  if (named !== undefined) return [named];
  return name === undefined ? [...users.values()].filter(({ plain }) => plain !== undefined) : [];
}

type PasswordCheck = (name: string | undefined, password: string) => Promise<KnownUser | undefined>;

/** Judges passwords that crossed the wire; known and unknown users take the same work. */
function passwordCheck(
  users: ReadonlyMap<string, KnownUser>,
  options: PasswordsOptions,
): PasswordCheck {
  const key = randomBytes(32);
  const hashOf = (text: Uint8Array) => NOBLE_SYMMETRIC.hmacSha256(key, text);
  const remembered = new RecentMap<string, Uint8Array>(options.rememberedUsers ?? 10_000);
  const turnstile = new Turnstile(STRETCHING_LIMITS);
  const anyRecords = [...users.values()].some(({ record }) => record !== undefined);

  return async (name, password) => {
    if (password.length > MAX_PASSWORD_LENGTH) return undefined;
    const hash = hashOf(encodeUtf8(password.normalize("NFC")));
    const possible = candidates(users, name);
    const known = possible.filter(({ name, plain }) =>
      equalBytes(hash, plain === undefined ? (remembered.get(name) ?? NOTHING) : hashOf(plain)),
    )[0];
    if (known !== undefined || !anyRecords) return known;
    const [recorded] = possible.filter(({ record }) => record !== undefined);
    if (!(await turnstile.run(() => stretchedFits(recorded, password)))) return undefined;
    if (recorded !== undefined) remembered.set(recorded.name, hash);
    return recorded;
  };
}

async function stretchedFits(user: KnownUser | undefined, password: string): Promise<boolean> {
  if (user?.record !== undefined) return isPasswordOf(user.record, password);
  await stretch(password, "nobody");
  return false;
}

const NOTHING: Uint8Array = new Uint8Array();
