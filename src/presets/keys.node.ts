import { formatPublicKey, formatSecretKey } from "../crypto/format-keys.ts";
import { generateKeyPair, type KeyPair, keyPairFrom, parseSecretKey } from "../crypto/keys.ts";
import { nodeCrypto } from "../crypto/providers/best.node.ts";

/** A key pair as text, to be kept in files and copied between machines. */
export interface WrittenKeys {
  /** `swpub_…`: may be shown. Of a server it is the fingerprint, for clients' `pin`. */
  readonly publicKey: string;
  /** `swsec_…`: whoever reads it is its owner. */
  readonly secretKey: string;
}

/** A new key pair: a server's own, or that of a client which proves itself by one. */
export async function generateKeys(): Promise<WrittenKeys> {
  const { publicKey, secretKey } = await generateKeyPair(await nodeCrypto());
  return { publicKey: formatPublicKey(publicKey), secretKey: formatSecretKey(secretKey) };
}

/**
 * The key pair of a secret key as text, for a server's `native: { identity }`.
 *
 * @throws `INVALID_ARGUMENT`, which never shows the text, when it is not a secret key
 */
export async function readKeys(secretKey: string): Promise<KeyPair> {
  return keyPairFrom(parseSecretKey(secretKey), await nodeCrypto());
}
