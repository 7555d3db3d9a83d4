import { equalBytes } from "../../bytes/equal.ts";
import { join } from "../../bytes/join.ts";
import { encodeUtf8 } from "../../bytes/text.ts";
import { hkdf } from "../../crypto/derive.ts";
import type { CryptoProvider } from "../../crypto/provider.ts";
import { randomBytes } from "../../crypto/random.ts";

const PROLOGUE = "sealwire/native/1";
const HINT_NONCE_BYTES = 16;
const HINT_MAC_BYTES = 8;

/**
 * What both sides must agree about for any message of the handshake to open. A name of more than
 * 65,535 bytes cannot be told, which the options see to.
 */
export function prologueOf(preface: Uint8Array, application: string): Uint8Array {
  const name = encodeUtf8(application);
  const length = Uint8Array.of(name.length >>> 8, name.length);
  return joinBytes(encodeUtf8(PROLOGUE), length, name, preface);
}

/** A value that names this connection to the application and tells nobody a key. */
export function bindingOf(provider: CryptoProvider, handshakeHash: Uint8Array): Uint8Array {
  return hkdf(provider, { key: handshakeHash, info: "sealwire/binding/v1" });
}

/**
 * Says which pre-shared key is meant so that two connections with the same one look unrelated.
 * The nonce is random but in tests.
 */
export function makeHint(
  provider: CryptoProvider,
  psk: Uint8Array,
  nonce: Uint8Array = randomBytes(HINT_NONCE_BYTES),
): Uint8Array {
  return joinBytes(nonce, macOf(provider, psk, nonce));
}

/** Whether a hint was made with this key; compared in constant time. */
export function hintMatches(provider: CryptoProvider, psk: Uint8Array, hint: Uint8Array): boolean {
  if (hint.length !== HINT_NONCE_BYTES + HINT_MAC_BYTES) return false;
  const nonce = hint.subarray(0, HINT_NONCE_BYTES);
  return equalBytes(macOf(provider, psk, nonce), hint.subarray(HINT_NONCE_BYTES));
}

/** Several pieces as one. */
export function joinBytes(...pieces: readonly Uint8Array[]): Uint8Array {
  return join(pieces);
}

function macOf(provider: CryptoProvider, psk: Uint8Array, nonce: Uint8Array): Uint8Array {
  const mac = provider.hmacSha256(psk, joinBytes(encodeUtf8("sealwire/psk-hint/v1"), nonce));
  return mac.slice(0, HINT_MAC_BYTES);
}
