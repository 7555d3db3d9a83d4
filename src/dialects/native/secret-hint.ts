import { equalBytes } from "../../bytes/equal.ts";
import { join } from "../../bytes/join.ts";
import { encodeUtf8 } from "../../bytes/text.ts";
import type { CryptoProvider } from "../../crypto/provider.ts";
import { randomBytes } from "../../crypto/random.ts";

const HINT_NONCE_BYTES = 16;
const HINT_MAC_BYTES = 8;

/**
 * Says which pre-shared key is meant so that two connections with the same one look unrelated.
 * The nonce is random but in tests.
 */
export function makeHint(
  provider: CryptoProvider,
  psk: Uint8Array,
  nonce: Uint8Array = randomBytes(HINT_NONCE_BYTES),
): Uint8Array {
  return join([nonce, macOf(provider, psk, nonce)]);
}

/** Whether a hint was made with this key; compared in constant time. */
export function hintMatches(provider: CryptoProvider, psk: Uint8Array, hint: Uint8Array): boolean {
  if (hint.length !== HINT_NONCE_BYTES + HINT_MAC_BYTES) return false;
  const nonce = hint.subarray(0, HINT_NONCE_BYTES);
  return equalBytes(macOf(provider, psk, nonce), hint.subarray(HINT_NONCE_BYTES));
}

function macOf(provider: CryptoProvider, psk: Uint8Array, nonce: Uint8Array): Uint8Array {
  const mac = provider.hmacSha256(psk, join([encodeUtf8("sealwire/psk-hint/v1"), nonce]));
  return mac.slice(0, HINT_MAC_BYTES);
}
