import { encodeUtf8 } from "../bytes/text.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { Principal } from "../core/model/peer.ts";
import { type Account, parseUser, principalOf } from "./account.ts";
import type { PasswordRecord } from "./password-record.ts";

/** A password in plain text and what its holder may do. */
export interface PasswordAccount extends Omit<Account, "user"> {
  readonly password: string;
}

/** One password for all, passwords by user, or records that hold no password. */
export type Passwords =
  | string
  | Readonly<Record<string, string | PasswordAccount>>
  | readonly PasswordRecord[];

/** A user whose password can be judged, in one of two ways. */
export interface KnownUser {
  readonly name: string;
  readonly account: Account;
  readonly principal: Principal;
  readonly plain?: Uint8Array;
  /** As it was written, where that is not its normal form: some wires hash it so. */
  readonly asWritten?: Uint8Array;
  readonly record?: PasswordRecord;
}

/**
 * More users with plain passwords than this are refused: each is registered anew when the first
 * password is proven after a start, which takes a fifth of a second.
 */
const MAX_PLAIN_PASSWORDS = 100;

/**
 * All users by the name that they log in with.
 *
 * @throws `INVALID_ARGUMENT` when a password is empty, a user occurs twice or there are too many
 */
export function knownUsers(passwords: Passwords): ReadonlyMap<string, KnownUser> {
  const users = listOf(passwords);
  const byName = new Map(users.map((user) => [user.name, user]));
  if (byName.size < users.length) throw invalid("a user has two passwords; one must go");
  if (users.filter(({ plain }) => plain !== undefined).length > MAX_PLAIN_PASSWORDS) {
    throw invalid(
      `more than ${MAX_PLAIN_PASSWORDS} plain passwords; for so many users keep records instead, ` +
        "made by passwordRecord",
    );
  }
  return byName;
}

/** No array is a record of passwords, but the compiler cannot tell readonly arrays apart. */
function isList(passwords: Exclude<Passwords, string>): passwords is readonly PasswordRecord[] {
  return Array.isArray(passwords);
}

function listOf(passwords: Passwords): readonly KnownUser[] {
  if (typeof passwords === "string") return [plainUser("", passwords)];
  if (isList(passwords)) return passwords.map(recordedUser);
  return Object.entries(passwords).map(([name, given]) => plainUser(name, given));
}

function plainUser(name: string, given: string | PasswordAccount): KnownUser {
  const { password, ...rest } = typeof given === "string" ? { password: given } : given;
  if (password === "") throw invalid(`the password of user ${JSON.stringify(name)} is empty`);
  const account = { ...rest, user: parseUser(name) };
  const normal = password.normalize("NFC");
  return {
    ...{ name, account, principal: principalOf(account), plain: encodeUtf8(normal) },
    ...(normal !== password && { asWritten: encodeUtf8(password) }),
  };
}

function recordedUser(record: PasswordRecord): KnownUser {
  const { user, scopes, expiresAt } = record;
  const account = { user, scopes, expiresAt };
  return { name: String(user), account, principal: principalOf(account), record };
}

function invalid(message: string): SealwireError {
  return new SealwireError("INVALID_ARGUMENT", message);
}
