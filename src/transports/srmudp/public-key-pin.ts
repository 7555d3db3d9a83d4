import { hash } from "node:crypto";
import { parsePublicKey } from "./public-key.ts";

/** The name by which a public key is pinned: SHA-256 of its point, in hexadecimal. */
export function publicKeyPin(pem: string): string {
  return hash("sha256", parsePublicKey(pem) ?? new Uint8Array(0), "hex");
}
