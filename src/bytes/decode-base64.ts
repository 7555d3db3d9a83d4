/** Base64 with its padding as bytes; `undefined` for anything else, blanks included. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  return decode(text.replace(/={1,2}$/, ""), VALUES_BASE64);
}

/** Base64url without padding as bytes; `undefined` for anything else. */
export function decodeBase64Url(text: string): Uint8Array | undefined {
  return decode(text, VALUES_BASE64_URL);
}

const LETTERS_AND_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/** The letters of RFC 4648, section 4, each in the place of its value. */
export const BASE64: string = `${LETTERS_AND_DIGITS}+/`;
/** The letters of RFC 4648, section 5. */
export const BASE64_URL: string = `${LETTERS_AND_DIGITS}-_`;

const VALUES_BASE64 = /* @__PURE__ */ valuesOf(BASE64);
const VALUES_BASE64_URL = /* @__PURE__ */ valuesOf(BASE64_URL);

function decode(text: string, values: Int8Array): Uint8Array | undefined {
  if (text.length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let bits = 0;
  let held = 0;
  let written = 0;
  for (let at = 0; at < text.length; at++) {
    const value = values[text.charCodeAt(at)] ?? -1;
    if (value < 0) return undefined;
    bits = ((bits << 6) | value) & 0x3fff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes[written++] = (bits >> held) & 0xff;
    }
  }
  // Left-over bits that are not zero are a second spelling of the same bytes.
  return (bits & ((1 << held) - 1)) === 0 ? bytes : undefined;
}

function valuesOf(alphabet: string): Int8Array {
  const values = new Int8Array(128).fill(-1);
  for (let value = 0; value < alphabet.length; value++) values[alphabet.charCodeAt(value)] = value;
  return values;
}
