import { join } from "../bytes/join.ts";

/**
 * SHA-256 (FIPS 180-4, section 6.2), small, for pages: Web Crypto answers only later, and a library
 * for all hashes would be a tenth of what a page loads. Where Node is, its own is used.
 */
export function sha256(data: Uint8Array): Uint8Array {
  const state = new Uint32Array(START);
  const schedule = new Uint32Array(64);
  const whole = data.length - (data.length % BLOCK_BYTES);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  for (let at = 0; at < whole; at += BLOCK_BYTES) compress(state, schedule, view, at);
  const tail = padded(data.subarray(whole), data.length);
  for (let at = 0; at < tail.byteLength; at += BLOCK_BYTES) compress(state, schedule, tail, at);
  const digest = new DataView(new ArrayBuffer(32));
  for (const [at, word] of state.entries()) digest.setUint32(at * 4, word);
  schedule.fill(0);
  return new Uint8Array(digest.buffer);
}

/** HMAC with SHA-256 (RFC 2104). */
export function hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array {
  const block = new Uint8Array(BLOCK_BYTES);
  block.set(key.length > BLOCK_BYTES ? sha256(key) : key);
  const inner = sha256(after(block, 0x36, data));
  const mac = sha256(after(block, 0x5c, inner));
  block.fill(0);
  return mac;
}

const BLOCK_BYTES = 64;

/**
 * The first 32 bits of the fractional parts of the roots of the first primes (section 4.2.2). None
 * lies so near to the next number that the last bits of a root, which engines may round in their
 * own way, would matter: the nearest is 2^-39 away.
 */
function fractions(count: number, root: number): readonly number[] {
  const found: number[] = [];
  for (let number = 2; found.length < count; number++) {
    let prime = true;
    for (let divisor = 2; divisor * divisor <= number; divisor++) {
      if (number % divisor === 0) prime = false;
    }
    if (prime) found.push(((number ** (1 / root) % 1) * 2 ** 32) | 0);
  }
  return found;
}

const START: readonly number[] = /* @__PURE__ */ fractions(8, 2);
const CONSTANTS: Uint32Array = /* @__PURE__ */ Uint32Array.from(fractions(64, 3));

/** The rest of the data, a one, zeros, and the length in bits (section 5.1.1). */
function padded(rest: Uint8Array, length: number): DataView {
  const blocks = rest.length + 9 > BLOCK_BYTES ? 2 : 1;
  const bytes = new Uint8Array(blocks * BLOCK_BYTES);
  bytes.set(rest);
  bytes[rest.length] = 0x80;
  const view = new DataView(bytes.buffer);
  view.setUint32(bytes.length - 8, Math.floor(length / 2 ** 29));
  view.setUint32(bytes.length - 4, length << 3);
  return view;
}

function compress(state: Uint32Array, w: Uint32Array, block: DataView, at: number): void {
  for (let t = 0; t < 16; t++) w[t] = block.getUint32(at + t * 4);
  const word = (t: number) => w[t] ?? 0;
  for (let t = 16; t < 64; t++) {
    const s0 = rotated(word(t - 15), 7) ^ rotated(word(t - 15), 18) ^ (word(t - 15) >>> 3);
    const s1 = rotated(word(t - 2), 17) ^ rotated(word(t - 2), 19) ^ (word(t - 2) >>> 10);
    w[t] = word(t - 16) + s0 + word(t - 7) + s1;
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let t = 0; t < 64; t++) {
    const s1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + (CONSTANTS[t] ?? 0) + word(t)) | 0;
    const s0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((sum, at) => {
    state[at] = (state[at] ?? 0) + sum;
  });
}

function rotated(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}

function after(block: Uint8Array, mask: number, data: Uint8Array): Uint8Array {
  return join([block.map((byte) => byte ^ mask), data]);
}
