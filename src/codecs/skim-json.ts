import { SealwireError } from "../core/model/errors.ts";

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Walks JSON text before it is parsed: depth, number of values, no key `__proto__`. Whether the
 * text is JSON at all is left to the parser.
 *
 * @throws `PROTOCOL_VIOLATION` or `TOO_LARGE`.
 */
export function skimJson(
  text: string,
  limits: { readonly maxDepth: number; readonly maxItems: number },
): void {
  let depth = 0;
  let items = 1;
  let latest = "";
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === QUOTE) {
      const end = endOfString(text, i);
      latest = end - i < 64 ? text.slice(i, end + 1) : "";
      i = end;
    } else if (unit === COLON) refuseProto(latest);
    else if (unit === COMMA) items++;
    else if (unit === OPEN_ARRAY || unit === OPEN_OBJECT) {
      items++;
      if (++depth > limits.maxDepth) throw tooDeep(limits.maxDepth);
    } else if (unit === CLOSE_ARRAY || unit === CLOSE_OBJECT) depth--;
  }
  if (items > limits.maxItems) throw tooMany(limits.maxItems);
}

/** Where the closing quote stands, or the end of the text. */
function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === BACKSLASH) i++;
    else if (unit === QUOTE) return i;
  }
  return text.length;
}

/** Nine characters, each at most `\uXXXX`, and two quotes: 56 at most, so longer keys are other. */
function refuseProto(quoted: string): void {
  if (quoted.length < 11) return;
  const plain = quoted.replace(/\\u([0-9a-f]{4})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  if (plain !== '"__proto__"') return;
  throw new SealwireError(
    "PROTOCOL_VIOLATION",
    "JSON has the key __proto__, which could change what an object is",
  );
}

function tooDeep(maxDepth: number): SealwireError {
  return new SealwireError("PROTOCOL_VIOLATION", `JSON is nested deeper than ${maxDepth} levels`);
}

function tooMany(maxItems: number): SealwireError {
  return new SealwireError("TOO_LARGE", `JSON has more than ${maxItems} values`);
}
