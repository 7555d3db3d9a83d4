import { join } from "../../bytes/join.ts";
import { encodeUtf8 } from "../../bytes/text.ts";
import { hkdf } from "../../crypto/derive.ts";
import type { NoiseResult } from "../../crypto/noise.ts";
import { type CryptoProvider, HASH_BYTES } from "../../crypto/provider.ts";

/** Proves the password's session key over this one channel. */
export function macOf(
  provider: CryptoProvider,
  session: Uint8Array,
  side: "client" | "server",
  { handshakeHash }: NoiseResult,
): Uint8Array {
  const label = encodeUtf8(`sealwire/opaque-bind/v1 ${side}`);
  return provider.hmacSha256(session, join([label, handshakeHash]));
}

/** New keys for both directions, from the chaining key and the password's session key. */
export function mixIn(
  provider: CryptoProvider,
  session: Uint8Array,
  keys: NoiseResult,
  connected: boolean,
): void {
  const info = join([encodeUtf8("sealwire/opaque-keys/v1"), keys.handshakeHash]);
  const bytes = 2 * HASH_BYTES;
  const made = hkdf(provider, { key: session, salt: keys.chainingKey, info, bytes });
  const ofClient = made.slice(0, HASH_BYTES);
  const ofServer = made.slice(HASH_BYTES);
  made.fill(0);
  session.fill(0);
  keys.send.setKey(connected ? ofClient : ofServer);
  keys.receive.setKey(connected ? ofServer : ofClient);
}
