import type { Initiator } from "../../core/contracts/dialect.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { apiKeyPair, parseApiKey } from "../../crypto/api-key-text.ts";
import type { KeyPair } from "../../crypto/keys.ts";
import type { CryptoProvider } from "../../crypto/provider.ts";
import { secretBits } from "../../crypto/secret-bits.ts";
import { strongKey } from "../../crypto/strong-key.ts";
import { makeHint } from "./secret-hint.ts";

export { connectPassword } from "./password-client.ts";

/**
 * The key pair that an API key stands for.
 *
 * @throws `INVALID_ARGUMENT` for a mistyped key, and for free text before the server is known
 */
export async function keyPairOfApiKey(
  key: string,
  { serverKeys, serverName }: Initiator,
  provider: CryptoProvider,
): Promise<KeyPair> {
  if (parseApiKey(key).kind === "free-text" && serverKeys.length === 0) {
    throw freeTextAtFirstContact();
  }
  return apiKeyPair(key, serverName, provider);
}

/**
 * The key that a shared secret stands for, and the hint that tells the server which one is meant.
 *
 * @throws `INVALID_ARGUMENT`, which never shows the secret, when it could be guessed
 */
export function keyOfSecret(
  secret: Uint8Array,
  provider: CryptoProvider,
  hintNonce?: Uint8Array,
): { readonly psk: Uint8Array; readonly hint: Uint8Array } {
  const psk = strongKey(secret, secretBits(secret), provider);
  return { psk, hint: makeHint(provider, psk, hintNonce) };
}

function freeTextAtFirstContact(): SealwireError {
  return new SealwireError(
    "INVALID_ARGUMENT",
    "an API key of free text could be guessed by whoever poses as the server, so it is used only " +
      "towards a server whose key is known: give its fingerprint as pin, or use a generated key",
  );
}
