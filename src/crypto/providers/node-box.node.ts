import type { BoxCrypto } from "../box.ts";
import { hashAgreed, openBox, sealBox } from "./noble-box.ts";
import { NODE_X25519 } from "./node.node.ts";
import { sodiumBox } from "./sodium-box.node.ts";

/**
 * The fastest boxes this machine has: sodium's where it loads; otherwise Node's X25519 with the
 * rest in plain JavaScript, since OpenSSL knows no Salsa20.
 */
export function nodeBox(): BoxCrypto {
  return sodiumBox() ?? withoutSodium();
}

/** What `nodeBox` is where sodium does not load. */
export function withoutSodium(): BoxCrypto {
  const { publicKey, agree } = NODE_X25519;
  const boxKey: BoxCrypto["boxKey"] = (otherKey, secretKey) =>
    hashAgreed(agree(secretKey, otherKey));
  return { name: "node", publicKey, boxKey, sealBox, openBox };
}
