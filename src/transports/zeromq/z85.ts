import { SealwireError } from "../../core/model/errors.ts";

const LETTERS =
  "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
const LETTERS_IN_GROUP = 5;
const BYTES_IN_GROUP = 4;

/**
 * Bytes as Z85 (RFC 32 of ZeroMQ), the form in which libzmq's users write CURVE keys: 40 letters
 * for 32 bytes.
 *
 * @throws `INVALID_ARGUMENT` unless the number of bytes is divisible by four
 */
export function encodeZ85(bytes: Uint8Array): string {
  if (bytes.length % BYTES_IN_GROUP !== 0) {
    throw new SealwireError("INVALID_ARGUMENT", `${bytes.length} bytes; Z85 takes them by four`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let text = "";
  for (let at = 0; at < bytes.length; at += BYTES_IN_GROUP) text += lettersOf(view.getUint32(at));
  return text;
}

/**
 * The bytes of a text in Z85, such as a key of libzmq's `curve_keygen`.
 *
 * @throws `INVALID_ARGUMENT`, which never shows the text, when it is not Z85
 */
export function decodeZ85(text: string): Uint8Array {
  const groups = text.length / LETTERS_IN_GROUP;
  if (!Number.isInteger(groups)) {
    throw notZ85(`${text.length} letters; expected 40 for a key, else a number divisible by five`);
  }
  const bytes = new Uint8Array(groups * BYTES_IN_GROUP);
  const view = new DataView(bytes.buffer);
  for (let group = 0; group < groups; group++) {
    const letters = text.slice(group * LETTERS_IN_GROUP, (group + 1) * LETTERS_IN_GROUP);
    view.setUint32(group * BYTES_IN_GROUP, numberOf(letters));
  }
  return bytes;
}

function lettersOf(value: number): string {
  let text = "";
  for (let rest = value, i = 0; i < LETTERS_IN_GROUP; i++) {
    text = (LETTERS[rest % LETTERS.length] ?? "") + text;
    rest = Math.floor(rest / LETTERS.length);
  }
  return text;
}

function numberOf(letters: string): number {
  let value = 0;
  for (const letter of letters) {
    const digit = LETTERS.indexOf(letter);
    if (digit < 0) throw notZ85("a letter that is none of its 85");
    value = value * LETTERS.length + digit;
  }
  if (value > 0xffff_ffff) throw notZ85("five letters that stand for more than four bytes");
  return value;
}

function notZ85(found: string): SealwireError {
  return new SealwireError("INVALID_ARGUMENT", `this is not Z85: ${found}`);
}
