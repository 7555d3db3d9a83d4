import { type P256KeyPair, p256KeyPair } from "../../crypto/p256.ts";
import { formatPublicKey } from "./public-key.ts";

/** A key pair with its text for the wire. */
export interface GreetingKey extends P256KeyPair {
  readonly pem: string;
}

/** A fresh one, or that of a kept secret key. @throws `INVALID_ARGUMENT` as `p256KeyPair` */
export function greetingKey(secretKey?: Uint8Array): GreetingKey {
  const pair = p256KeyPair(secretKey);
  return { ...pair, pem: formatPublicKey(pair.publicKey) };
}
