import { decodeUtf8 } from "../bytes/text.ts";
import { createPakeSetup, falseRecord, registerPassword, setupOf } from "../crypto/pake.ts";
import type { KnownUser } from "./password-accounts.ts";

/**
 * Finds the record for a user name, a false one for unknown users. Plain passwords are registered
 * when the first record is asked for, and all of them before any answer: the time until then must
 * not tell which users exist.
 */
export function pakeRecords(
  users: ReadonlyMap<string, KnownUser>,
): (name: string) => Promise<Uint8Array> {
  let registering: Promise<Registered> | undefined;
  return async (name) => {
    registering ??= register(users);
    // A failure, such as a missing package, is tried again at the next login.
    registering.catch(() => {
      registering = undefined;
    });
    const { setup, records } = await registering;
    return records.get(name) ?? falseRecord(name, setup);
  };
}

interface Registered {
  readonly setup: string;
  readonly records: ReadonlyMap<string, Uint8Array>;
}

async function register(users: ReadonlyMap<string, KnownUser>): Promise<Registered> {
  const stored = [...users.values()].find(({ record }) => record !== undefined)?.record;
  const setup = stored === undefined ? await createPakeSetup() : setupOf(stored.pake);
  const records = new Map<string, Uint8Array>();
  for (const { name, plain, record } of users.values()) {
    if (record !== undefined) records.set(name, record.pake);
    else records.set(name, await registerPassword(name, decodeUtf8(plain ?? NOTHING) ?? "", setup));
    // Each registration blocks for a fifth of a second; between them others get their turn.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return { setup, records };
}

const NOTHING: Uint8Array = new Uint8Array();
