/** Unpredictable bytes from the platform; the only source of randomness in the project. */
export function randomBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  // The platform gives at most this many at once (Web Cryptography API, section 10.1.1).
  for (let at = 0; at < length; at += MAX_BYTES_AT_ONCE) {
    globalThis.crypto.getRandomValues(bytes.subarray(at, at + MAX_BYTES_AT_ONCE));
  }
  return bytes;
}

const MAX_BYTES_AT_ONCE = 65_536;
