import type { BoxCrypto } from "../box.ts";
import { checkBox } from "../box-lengths.ts";
import { TAG_BYTES } from "../provider.ts";
import { hashAgreed } from "./noble-box.ts";
import { requireSodium } from "./require-sodium.node.ts";
import { agree, publicKey, type SodiumAgreement } from "./sodium-agreement.node.ts";

/**
 * Boxes over `sodium-native`, the fastest. `undefined` where the package is not installed or has
 * no binary for this machine.
 */
export function sodiumBox(): BoxCrypto | undefined {
  const sodium = requireSodium<Sodium>(USED);
  if (sodium === undefined) return undefined;
  return {
    name: "sodium",
    publicKey: (secretKey) => publicKey(sodium, secretKey),
    boxKey: (otherKey, secretKey) => boxKey(sodium, otherKey, secretKey),
    sealBox: (key, nonce, plaintext) => sealBox(sodium, key, nonce, plaintext),
    openBox: (key, nonce, box) => openBox(sodium, key, nonce, box),
  };
}

/** The part of `sodium-native` that is used; the package has no types of its own. */
interface Sodium extends SodiumAgreement {
  crypto_secretbox_easy(
    out: Uint8Array,
    plaintext: Uint8Array,
    nonce: Uint8Array,
    key: Uint8Array,
  ): void;
  crypto_secretbox_open_easy(
    out: Uint8Array,
    box: Uint8Array,
    nonce: Uint8Array,
    key: Uint8Array,
  ): boolean;
}

const USED: readonly (keyof Sodium)[] = [
  "crypto_scalarmult_base",
  "crypto_scalarmult",
  "crypto_secretbox_easy",
  "crypto_secretbox_open_easy",
];

/** sodium-native has no HSalsa20 of its own, and it is nothing beside X25519. */
function boxKey(sodium: Sodium, otherKey: Uint8Array, secretKey: Uint8Array): Uint8Array {
  return hashAgreed(agree(sodium, secretKey, otherKey));
}

function sealBox(
  sodium: Sodium,
  key: Uint8Array,
  nonce: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array {
  checkBox(key, nonce);
  const out = new Uint8Array(plaintext.length + TAG_BYTES);
  sodium.crypto_secretbox_easy(out, plaintext, nonce, key);
  return out;
}

function openBox(
  sodium: Sodium,
  key: Uint8Array,
  nonce: Uint8Array,
  box: Uint8Array,
): Uint8Array | undefined {
  checkBox(key, nonce);
  if (box.length < TAG_BYTES) return undefined;
  const out = new Uint8Array(box.length - TAG_BYTES);
  return sodium.crypto_secretbox_open_easy(out, box, nonce, key) ? out : undefined;
}
