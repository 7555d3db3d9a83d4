import { equalBytes } from "../bytes/equal.ts";
import { createPakeSetup, registerPassword } from "../crypto/pake.ts";
import { randomBytes } from "../crypto/random.ts";
import { stretch } from "../crypto/stretch.ts";
import type { Account } from "./account.ts";

/** What a server keeps of a password: enough to recognise it, too little to log in with. */
export interface PasswordRecord extends Account {
  /** For wires that prove a password without showing it (OPAQUE). */
  readonly pake: Uint8Array;
  /** For wires that carry it. */
  readonly verifier: { readonly salt: Uint8Array; readonly hash: Uint8Array };
}

/**
 * Makes the record of a password. The records of one server should share one setup, from
 * `createPakeSetup`, so that nobody can find out which users exist.
 *
 * @throws `INVALID_ARGUMENT` when the password is empty or has more than 1024 characters;
 *   `UNSUPPORTED` when the package for passwords is not installed
 */
export async function passwordRecord(
  password: string,
  account: Account,
  setup?: string,
): Promise<PasswordRecord> {
  const pake = await registerPassword(
    String(account.user),
    password,
    setup ?? (await createPakeSetup()),
  );
  const salt = randomBytes(16);
  return { ...account, pake, verifier: { salt, hash: await stretch(password, salt) } };
}

/** Whether this is the password of the record; takes a tenth of a second and 32 MiB. */
export async function isPasswordOf(record: PasswordRecord, password: string): Promise<boolean> {
  const { salt, hash } = record.verifier;
  return equalBytes(await stretch(password, salt), hash);
}
