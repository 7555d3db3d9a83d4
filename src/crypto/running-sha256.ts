import { sha256 } from "@noble/hashes/sha2.js";

/** A digest of what is never in memory as a whole. */
export interface RunningDigest {
  /** Takes the next bytes. */
  update(bytes: Uint8Array): void;
  /** The digest of everything so far; ends it. */
  digest(): Uint8Array;
}

/** SHA-256 (FIPS 180-4) of bytes that come one after the other. */
export function runningSha256(): RunningDigest {
  const hash = sha256.create();
  return {
    update: (bytes) => void hash.update(bytes),
    digest: () => hash.digest(),
  };
}
