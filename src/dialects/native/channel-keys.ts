import { join } from "../../bytes/join.ts";
import { encodeUtf8 } from "../../bytes/text.ts";
import { hkdf } from "../../crypto/derive.ts";
import type { NoiseResult } from "../../crypto/noise.ts";
import type { CryptoProvider } from "../../crypto/provider.ts";

const PROLOGUE = "sealwire/native/1";

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

/** What only the two ends of a session have, apart from the keys of its records. */
export function resumptionSecret(
  provider: CryptoProvider,
  { chainingKey: key, handshakeHash: salt }: NoiseResult,
): Uint8Array {
  return hkdf(provider, { key, salt, info: "sealwire/resume/v1" });
}

/** Several pieces as one. */
export function joinBytes(...pieces: readonly Uint8Array[]): Uint8Array {
  return join(pieces);
}
