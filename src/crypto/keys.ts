import { equalBytes } from "../bytes/equal.ts";
import { join } from "../bytes/join.ts";
import { decodeBase64Url, encodeUtf8 } from "../bytes/text.ts";
import { SealwireError } from "../core/model/errors.ts";
import { type CryptoProvider, KEY_BYTES } from "./provider.ts";
import { randomBytes } from "./random.ts";
import { sha256 } from "./sha256.ts";

/** An X25519 key pair, 32 bytes each. */
export interface KeyPair {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

/** A new key pair. */
export function generateKeyPair(provider: CryptoProvider): Promise<KeyPair> {
  return keyPairFrom(randomBytes(KEY_BYTES), provider);
}

/**
 * The pair that belongs to a secret key; keeps that key itself, not a copy.
 *
 * @throws `INVALID_ARGUMENT` unless it has 32 bytes
 */
export async function keyPairFrom(
  secretKey: Uint8Array,
  provider: CryptoProvider,
): Promise<KeyPair> {
  return { publicKey: await provider.publicKey(secretKey), secretKey };
}

/** @throws `INVALID_ARGUMENT` when it is not a public key in this form or was mistyped */
export function parsePublicKey(text: string): Uint8Array {
  return parse(PUBLIC, text, "a public key");
}

/** @throws `INVALID_ARGUMENT`, which never shows the text, when it is not a secret key */
export function parseSecretKey(text: string): Uint8Array {
  return parse(SECRET, text, "a secret key");
}

/** What stands before the letters of a public key. */
export const PUBLIC = "swpub_";
/** The same for a secret key. */
export const SECRET = "swsec_";
const CHECKSUM_BYTES = 4;
/** 36 bytes are 48 characters without padding. */
const TEXT_LENGTH = 48;

function parse(prefix: string, text: string, what: string): Uint8Array {
  const trimmed = text.trim();
  const body = trimmed.slice(prefix.length);
  const bytes = body.length === TEXT_LENGTH ? decodeBase64Url(body) : undefined;
  if (!trimmed.startsWith(prefix) || bytes === undefined) {
    throw new SealwireError(
      "INVALID_ARGUMENT",
      `this is not ${what}: it must begin with ${prefix}, followed by ${TEXT_LENGTH} characters`,
    );
  }
  const key = bytes.slice(0, KEY_BYTES);
  if (!equalBytes(bytes.subarray(KEY_BYTES), checksum(prefix, key))) {
    throw new SealwireError(
      "INVALID_ARGUMENT",
      `${what} was mistyped: its checksum does not fit; copy it again as a whole`,
    );
  }
  return key;
}

/** The first bytes of the hash of prefix and key. */
export function checksum(prefix: string, key: Uint8Array): Uint8Array {
  return sha256(join([encodeUtf8(prefix), key])).subarray(0, CHECKSUM_BYTES);
}
