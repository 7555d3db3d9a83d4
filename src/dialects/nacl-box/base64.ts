import { encodeUtf8 } from "../../bytes/text.ts";
import { pythonTypeName } from "../../codecs/python-type-name.ts";
import { malformed } from "./errors.ts";

/** Bytes as standard base64 with padding (RFC 4648, section 4), in ASCII. */
export function base64Of(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(base64Length(bytes.length));
  writeBase64(bytes, out, 0);
  return out;
}

/** How many letters so many bytes become. */
export function base64Length(bytes: number): number {
  return Math.ceil(bytes / 3) * 4;
}

/** Writes the letters at a place of `out`. */
export function writeBase64(bytes: Uint8Array, out: Uint8Array, at: number): void {
  let to = at;
  // Without destructuring, and with zeros beyond the end: this loop is a good part of a call.
  for (let from = 0; from < bytes.length; from += 3) {
    const first = bytes[from] ?? 0;
    const second = bytes[from + 1] ?? 0;
    const third = bytes[from + 2] ?? 0;
    out[to] = LETTERS[first >> 2] ?? 0;
    out[to + 1] = LETTERS[((first & 3) << 4) | (second >> 4)] ?? 0;
    out[to + 2] = LETTERS[((second & 15) << 2) | (third >> 6)] ?? 0;
    out[to + 3] = LETTERS[third & 63] ?? 0;
    to += 4;
  }
  const missing = (3 - (bytes.length % 3)) % 3;
  if (missing > 0) out.fill(PADDING, to - missing, to);
}

/**
 * The bytes of a base64 text as Python's `b64decode` reads it: it skips what is not of the
 * alphabet, such as line breaks, and ends at the padding, which must be there.
 *
 * @throws `PROTOCOL_VIOLATION` in Python's words
 */
export function readBase64(text: unknown): Uint8Array {
  if (typeof text !== "string") {
    const type = pythonTypeName(text);
    throw malformed(`argument should be a bytes-like object or ASCII string, not '${type}'`);
  }
  const letters = encodeUtf8(text);
  if (letters.length !== text.length) {
    throw malformed("string argument should contain only ASCII characters");
  }
  return readBase64Letters(letters);
}

/** The same for letters that came as they are. @throws as `readBase64` */
export function readBase64Letters(letters: Uint8Array): Uint8Array {
  const out = new Uint8Array(Math.floor((letters.length * 3) / 4));
  const length = readQuads(letters, out);
  return readRest(letters.subarray((length / 3) * 4), out, length);
}

/**
 * The bytes of a text that holds nothing but letters and its padding; `undefined` for any other,
 * which has to be looked at more closely.
 */
export function readPlainBase64(letters: Uint8Array): Uint8Array | undefined {
  if (letters.length % 4 !== 0) return undefined;
  const out = new Uint8Array((letters.length / 4) * 3);
  const read = readQuads(letters, out);
  const rest = letters.subarray((read / 3) * 4);
  if (rest.length === 0) return out;
  const [first = 0, second = 0, third = 0, fourth = 0] = rest;
  const fits = rest.length === 4 && fourth === PADDING && isLetter(first) && isLetter(second);
  if (!fits || !(third === PADDING || isLetter(third))) return undefined;
  return readRest(rest, out, read);
}

function isLetter(letter: number): boolean {
  return VALUES[letter] !== SKIPPED;
}

/** Fours of letters, up to the first that is not whole: all but the end of any honest text. */
function readQuads(letters: Uint8Array, out: Uint8Array): number {
  let to = 0;
  for (let from = 0; from + 4 <= letters.length; from += 4) {
    const first = VALUES[letters[from] ?? 0] ?? SKIPPED;
    const second = VALUES[letters[from + 1] ?? 0] ?? SKIPPED;
    const third = VALUES[letters[from + 2] ?? 0] ?? SKIPPED;
    const fourth = VALUES[letters[from + 3] ?? 0] ?? SKIPPED;
    if ((first | second | third | fourth) === SKIPPED) return to;
    out[to] = (first << 2) | (second >> 4);
    out[to + 1] = (second << 4) | (third >> 2);
    out[to + 2] = (third << 6) | fourth;
    to += 3;
  }
  return to;
}

/** What is left, letter by letter, in the way of `binascii.a2b_base64`. */
function readRest(letters: Uint8Array, out: Uint8Array, at: number): Uint8Array {
  let [held, count, length, padding] = [0, 0, at, 0];
  for (const letter of letters) {
    if (letter === PADDING) {
      padding += 1;
      if (count % 4 >= 2 && (count % 4) + padding >= 4) return out.subarray(0, length);
      continue;
    }
    const value = VALUES[letter] ?? SKIPPED;
    if (value === SKIPPED) continue;
    // Python counts padding anew after each letter, so that "=" in the middle ends nothing.
    padding = 0;
    held = ((held << 6) | value) & 0xffff;
    if (count % 4 !== 0) out[length++] = held >> (6 - 2 * (count % 4));
    count += 1;
  }
  if (count % 4 === 0) return out.subarray(0, length);
  throw malformed(count % 4 === 1 ? oneTooMany((at / 3) * 4 + count) : "Incorrect padding");
}

function oneTooMany(count: number): string {
  return (
    `Invalid base64-encoded string: number of data characters (${count}) ` +
    "cannot be 1 more than a multiple of 4"
  );
}

const PADDING = 0x3d;
const SKIPPED = 0xff;
const LETTERS: Uint8Array = encodeUtf8(
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
);
const VALUES: Uint8Array = new Uint8Array(256).fill(SKIPPED);
LETTERS.forEach((letter, value) => {
  VALUES[letter] = value;
});
