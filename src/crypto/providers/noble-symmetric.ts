import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { CryptoProvider } from "../provider.ts";
import { nobleAead } from "./noble-aead.ts";

/** Everything of a provider but X25519, in plain JavaScript. */
export const NOBLE_SYMMETRIC: Pick<CryptoProvider, "aead" | "sha256" | "hmacSha256"> =
  Object.freeze({
    aead: nobleAead,
    sha256: (data: Uint8Array) => sha256(data),
    hmacSha256: (key: Uint8Array, data: Uint8Array) => hmac(sha256, key, data),
  });
