import { encodeBase64Url } from "../bytes/encode-base64.ts";
import { join } from "../bytes/join.ts";
import { checksum, PUBLIC, SECRET } from "./keys.ts";
import { checkKey } from "./lengths.ts";

/**
 * A public key to show and to copy, `swpub_…`. It is also the fingerprint of its owner: the whole
 * key, because part of one could be imitated, and a checksum against typing errors.
 */
export function formatPublicKey(publicKey: Uint8Array): string {
  return format(PUBLIC, publicKey);
}

/** A secret key to keep in a file, `swsec_…`. Whoever reads it is its owner. */
export function formatSecretKey(secretKey: Uint8Array): string {
  return format(SECRET, secretKey);
}

function format(prefix: string, key: Uint8Array): string {
  checkKey(key, "the key");
  return prefix + encodeBase64Url(join([key, checksum(prefix, key)]));
}
