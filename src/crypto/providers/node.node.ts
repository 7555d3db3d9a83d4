import { Buffer } from "node:buffer";
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hash,
  type KeyObject,
} from "node:crypto";
import { contributory, refusedKey } from "../agreement.ts";
import { checkKey, checkOpen, checkSeal, rejected } from "../lengths.ts";
import { type Aead, type CryptoProvider, TAG_BYTES } from "../provider.ts";

/** The provider over `node:crypto`: nothing to install, slower than sodium on small records. */
export function nodeCryptoProvider(): CryptoProvider {
  return { name: "node", aead, sha256, hmacSha256, publicKey, agree };
}

function sha256(data: Uint8Array): Uint8Array {
  return plain(hash("sha256", data, "buffer"));
}

function hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array {
  return plain(createHmac("sha256", key).update(data).digest());
}

/** A `Buffer` compares, prints and slices in its own ways, which would tell providers apart. */
function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}

/** X25519 alone, for what else is made of it; it answers at once. */
export const NODE_X25519: {
  readonly publicKey: (secretKey: Uint8Array) => Uint8Array;
  readonly agree: (secretKey: Uint8Array, otherKey: Uint8Array) => Uint8Array;
} = Object.freeze({ publicKey, agree });

const CIPHER = "chacha20-poly1305";
const CIPHER_OPTIONS = Object.freeze({ authTagLength: TAG_BYTES });

function aead(key: Uint8Array): Aead {
  checkKey(key, "the key of a cipher");
  return {
    seal(nonce, ad, plaintext, out) {
      checkSeal(nonce, plaintext, out);
      const cipher = createCipheriv(CIPHER, key, nonce, CIPHER_OPTIONS);
      if (ad.length > 0) cipher.setAAD(ad, { plaintextLength: plaintext.length });
      out.set(cipher.update(plaintext));
      cipher.final();
      out.set(cipher.getAuthTag(), plaintext.length);
    },
    open(nonce, ad, sealed, out) {
      checkOpen(nonce, sealed, out);
      const decipher = createDecipheriv(CIPHER, key, nonce, CIPHER_OPTIONS);
      if (ad.length > 0) decipher.setAAD(ad, { plaintextLength: out.length });
      decipher.setAuthTag(sealed.subarray(out.length));
      // OpenSSL decrypts before it judges: the plaintext is held back until the tag has fitted.
      const plaintext = decipher.update(sealed.subarray(0, out.length));
      try {
        decipher.final();
      } catch (cause) {
        plaintext.fill(0);
        throw rejected(cause);
      }
      out.set(plaintext);
    },
  };
}

function publicKey(secretKey: Uint8Array): Uint8Array {
  checkKey(secretKey, "the secret key");
  const { x } = createPublicKey(importSecret(secretKey)).export({ format: "jwk" });
  return plain(Buffer.from(x ?? "", "base64url"));
}

function agree(secretKey: Uint8Array, otherKey: Uint8Array): Uint8Array {
  checkKey(secretKey, "the secret key");
  checkKey(otherKey, "the public key");
  const keys = { privateKey: importSecret(secretKey), publicKey: importPublic(otherKey) };
  return contributory(plain(multiply(keys)));
}

function multiply(keys: { readonly privateKey: KeyObject; readonly publicKey: KeyObject }): Buffer {
  try {
    return diffieHellman(keys);
  } catch (cause) {
    // OpenSSL refuses a result of all zero, and nothing else once the keys are imported.
    throw refusedKey(cause);
  }
}

/**
 * As JSON Web Key (RFC 8037): nine times as fast as PKCS #8, whose parser OpenSSL searches for at
 * each import.
 */
function importPublic(key: Uint8Array): KeyObject {
  return createPublicKey({ key: { ...JWK, x: base64url(key) }, format: "jwk" });
}

/**
 * A private JWK names its public key too. Node does not look at it, so none is computed; a later
 * Node that does look is given PKCS #8.
 */
function importSecret(key: Uint8Array): KeyObject {
  try {
    const jwk = { ...JWK, x: UNREAD_KEY, d: base64url(key) };
    return createPrivateKey({ key: jwk, format: "jwk" });
  } catch {
    return createPrivateKey({ key: pkcs8(key), format: "der", type: "pkcs8" });
  }
}

const JWK = Object.freeze({ kty: "OKP", crv: "X25519" });
const UNREAD_KEY = "A".repeat(43);

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64url");
}

function pkcs8(secretKey: Uint8Array): Buffer {
  return Buffer.concat([PKCS8_HEAD, secretKey]);
}

/** What stands before the 32 bytes of an X25519 secret key in PKCS #8 (RFC 8410, section 7). */
const PKCS8_HEAD = Buffer.from("302e020100300506032b656e04220420", "hex");
