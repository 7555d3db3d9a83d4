import type { Authenticator } from "../core/contracts/authenticator.ts";
import { parsePublicKey } from "../crypto/keys.ts";
import { type AccountOrUser, accountOf, type Now, SYSTEM_TIME } from "./account.ts";
import { type ApiKeyRecord, ApiKeyStore } from "./api-key-store.ts";
import { admit } from "./api-keys.ts";

/**
 * Accepts the holders of key pairs, by public key: `{ "swpub_…": "ann" }`, or a list of records.
 *
 * @throws `INVALID_ARGUMENT` when a key is malformed or mistyped
 */
export function publicKeys(
  keys: Readonly<Record<string, AccountOrUser>> | readonly ApiKeyRecord[],
  options: { readonly clock?: Now } = {},
): Authenticator {
  const { clock = SYSTEM_TIME } = options;
  const store = new ApiKeyStore(isList(keys) ? keys : recordsOf(keys));
  return {
    async authenticate(evidence) {
      return evidence.scheme === "public-key" ? admit(store, evidence.key, clock) : undefined;
    },
  };
}

function isList(
  keys: Readonly<Record<string, AccountOrUser>> | readonly ApiKeyRecord[],
): keys is readonly ApiKeyRecord[] {
  return Array.isArray(keys);
}

function recordsOf(keys: Readonly<Record<string, AccountOrUser>>): readonly ApiKeyRecord[] {
  return Object.entries(keys).map(([text, account]) => ({
    ...accountOf(account),
    publicKey: parsePublicKey(text),
  }));
}
