/** Up to here a loop is faster than the platform's own, which must be called. */
const SHORT_TEXT = 50;
const SHORT_BYTES = 200;

const ENCODER: TextEncoder = new TextEncoder();
const DECODER: TextDecoder = new TextDecoder();

/** How many bytes a text has in UTF-8; half a surrogate pair counts three. */
export function textBytes(text: string): number {
  let bytes = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (isPair(unit, text.charCodeAt(at + 1))) {
      bytes += 4;
      at++;
    } else bytes += 3;
  }
  return bytes;
}

/** Writes a text as UTF-8; there must be room for `textBytes`. */
export function encodeText(text: string, bytes: Uint8Array, start: number): void {
  if (text.length > SHORT_TEXT) {
    ENCODER.encodeInto(text, bytes.subarray(start));
    return;
  }
  let at = start;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) {
      bytes[at++] = unit;
      continue;
    }
    const next = text.charCodeAt(index + 1);
    if (isPair(unit, next)) {
      index++;
      at = wide(((unit & 0x3ff) << 10) + (next & 0x3ff) + 0x10000, bytes, at);
    } else at = wide(unit, bytes, at);
  }
}

/** A character beyond ASCII (RFC 3629, section 3); gives where the next one goes. */
function wide(code: number, bytes: Uint8Array, start: number): number {
  let at = start;
  if (code < 0x800) bytes[at++] = 0xc0 | (code >> 6);
  else {
    if (code < 0x10000) bytes[at++] = 0xe0 | (code >> 12);
    else {
      bytes[at++] = 0xf0 | (code >> 18);
      bytes[at++] = 0x80 | ((code >> 12) & 0x3f);
    }
    bytes[at++] = 0x80 | ((code >> 6) & 0x3f);
  }
  bytes[at++] = 0x80 | (code & 0x3f);
  return at;
}

/** The text of bytes that are known to be well formed; half a surrogate pair may be in short ones. */
export function decodeText(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > SHORT_BYTES) return DECODER.decode(bytes.subarray(start, end));
  let text = "";
  for (let at = start; at < end; ) {
    const lead = bytes[at++] ?? 0;
    if (lead < 0x80) text += String.fromCharCode(lead);
    else {
      const more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
      let code = lead & (0x3f >> more);
      for (const last = at + more; at < last; at++) code = (code << 6) | ((bytes[at] ?? 0) & 0x3f);
      text += String.fromCodePoint(code);
    }
  }
  return text;
}

function isPair(high: number, low: number): boolean {
  return (high & 0xfc00) === 0xd800 && (low & 0xfc00) === 0xdc00;
}
