import { join } from "../bytes/join.ts";
import { encodeUtf8 } from "../bytes/text.ts";
import { hkdf } from "../crypto/derive.ts";
import type { CryptoProvider } from "../crypto/provider.ts";
import { secretKey } from "../crypto/secret-strength.ts";
import { TOKEN_BYTES } from "./service-datagram.ts";

/** The part of a provider that pairing needs. */
export type PairingCrypto = Pick<CryptoProvider, "hmacSha256" | "aead">;

/** What two programs with the same key have in common. */
export interface PairingKeys {
  /** Under this name they find each other; it tells nothing of the key. */
  readonly topic: Uint8Array;
  /** What the native dialect proves, and seals with, once there is a path. */
  readonly secret: Uint8Array;
  /** Seals offers and answers on their way through the rendezvous. */
  readonly offers: Uint8Array;
  /** What the keys of single sessions are made from. */
  readonly sessions: Uint8Array;
}

/**
 * Makes everything from the key that both were given.
 *
 * @throws `INVALID_ARGUMENT`, which never shows the key, when it could be guessed
 */
export function pairingKeys(key: string | Uint8Array, crypto: PairingCrypto): PairingKeys {
  const master = secretKey(key, crypto);
  const made = (info: string, bytes = 32) => hkdf(crypto, { key: master, info, bytes });
  return {
    topic: made("sealwire/peers/topic/v1", TOKEN_BYTES),
    secret: made("sealwire/peers/secret/v1"),
    offers: made("sealwire/peers/offers/v1"),
    sessions: made("sealwire/peers/sessions/v1"),
  };
}

/** What is fresh in a session: both sides have given of it, so no key serves twice. */
export interface SessionSalt {
  readonly session: Uint8Array;
  readonly callerNonce: Uint8Array;
  readonly listenerNonce: Uint8Array;
}

/** The keys of one session. */
export interface SessionKeys {
  /** Seals the probes of the side that called. */
  readonly caller: Uint8Array;
  /** And those of the side that listened. */
  readonly listener: Uint8Array;
  /** Proves the pings of the stream below the dialect. */
  readonly stream: Uint8Array;
}

/** Makes the keys of one session. */
export function sessionKeys(
  { sessions }: PairingKeys,
  { session, callerNonce, listenerNonce }: SessionSalt,
  crypto: PairingCrypto,
): SessionKeys {
  const salt = join([session, callerNonce, listenerNonce]);
  const made = (info: string) => hkdf(crypto, { key: sessions, salt, info: encodeUtf8(info) });
  return { caller: made("caller"), listener: made("listener"), stream: made("stream") };
}
