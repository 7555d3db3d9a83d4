import { hash } from "node:crypto";
import { encodeUtf8 } from "../../bytes/text.ts";
import { hkdf } from "../../crypto/derive.ts";
import { p256SharedPoint } from "../../crypto/p256.ts";
import { nodeCryptoProvider } from "../../crypto/providers/node.node.ts";
import { randomBytes } from "../../crypto/random.ts";
import type { GreetingKey } from "./greeting-key.ts";
import { parsePublicKey } from "./public-key.ts";
import { boxFor } from "./sealed-box.ts";

/** Bytes of every key of this wire. */
export const KEY_BYTES = 32;

/**
 * The key that wraps session keys between two key pairs: SHA-256 over x and y of the shared point,
 * each 32 bytes. `undefined` when the text holds no key of this curve.
 */
export function wrappingKey(own: GreetingKey, peerPem: string): Uint8Array | undefined {
  const point = parsePublicKey(peerPem);
  if (point === undefined) return undefined;
  try {
    return sha256(p256SharedPoint(own.secretKey, point).subarray(1));
  } catch {
    // Not on the curve: an attacker's try to learn the secret key from what we answer.
    return undefined;
  }
}

/** Which of two peers keeps its session key when both have offered one: the higher value. */
export function keepsOwnKey(ownPem: string, peerPem: string): boolean {
  const mine = sha256(encodeUtf8(ownPem + peerPem));
  const theirs = sha256(encodeUtf8(peerPem + ownPem));
  return Buffer.compare(mine, theirs) > 0;
}

/** A session key sealed for the peer. */
export function wrap(key: Uint8Array, sessionKey: Uint8Array): Uint8Array {
  return boxFor(key).seal(randomBytes(16), sessionKey);
}

/** The session key that the peer has sealed for us; `undefined` when it did not. */
export function unwrap(key: Uint8Array, wrapped: Uint8Array): Uint8Array | undefined {
  const sessionKey = boxFor(key).open(wrapped);
  return sessionKey?.length === KEY_BYTES ? sessionKey : undefined;
}

/**
 * What seals from the proof on. Without a secret the session key itself, as in the original; with
 * one a key that only those derive (HKDF, RFC 5869) who hold the secret too, bound to both public
 * keys: whoever sits between has other public keys on each side.
 */
export function linkKey(
  sessionKey: Uint8Array,
  secret: string | Uint8Array | undefined,
  ownPem: string,
  peerPem: string,
): Uint8Array {
  if (secret === undefined) return sessionKey;
  const given = typeof secret === "string" ? encodeUtf8(secret) : secret;
  const salt = hkdf(PROVIDER, { key: given, info: "sealwire srmudp secret" });
  const info = encodeUtf8([ownPem, peerPem].sort().join(""));
  return hkdf(PROVIDER, { key: sessionKey, salt, info });
}

const PROVIDER = nodeCryptoProvider();

/** SHA-256 (FIPS 180-4). */
export function sha256(bytes: Uint8Array): Uint8Array {
  return hash("sha256", bytes, "buffer");
}
