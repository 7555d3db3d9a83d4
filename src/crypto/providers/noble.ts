import type { CryptoProvider } from "../provider.ts";
import { agree, publicKey } from "./noble-agreement.ts";
import { NOBLE_SYMMETRIC } from "./noble-symmetric.ts";

/**
 * The provider in plain JavaScript, which runs everywhere and is the slowest. A server would make
 * some 250 handshakes a second with it, so it is for clients.
 */
export function nobleCrypto(): CryptoProvider {
  return { name: "noble", ...NOBLE_SYMMETRIC, publicKey, agree };
}
