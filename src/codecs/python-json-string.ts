import { jsonDecodeError } from "./python-json-error.ts";

/**
 * The string that begins with the quote at `start`, and where the text goes on.
 *
 * @throws `PROTOCOL_VIOLATION` with the words and the place that Python 3.11 gives.
 */
export function readJsonString(
  text: string,
  start: number,
): { readonly value: string; readonly end: number } {
  let value = "";
  let at = start + 1;
  for (;;) {
    PLAIN.lastIndex = at;
    const plain = PLAIN.exec(text)?.[0] ?? "";
    value += plain;
    at += plain.length;
    const mark = text[at];
    if (mark === '"') return { value, end: at + 1 };
    if (mark !== undefined && mark !== "\\") {
      throw jsonDecodeError("Invalid control character at", text, at);
    }
    if (mark === undefined || at + 1 === text.length) {
      throw jsonDecodeError("Unterminated string starting at", text, start);
    }
    const special = readEscape(text, at);
    value += special.value;
    at = special.end;
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: just these have no place in a string
const PLAIN = /[^"\\\x00-\x1f]*/y;

/** Surrogates come one by one: two that belong together are one character as they stand. */
function readEscape(text: string, at: number): { readonly value: string; readonly end: number } {
  const letter = text[at + 1] ?? "";
  if (letter === "u") return { value: readHex(text, at + 2), end: at + 6 };
  const value = LETTERS[letter];
  if (value === undefined) throw jsonDecodeError("Invalid \\escape", text, at);
  return { value, end: at + 2 };
}

function readHex(text: string, at: number): string {
  const hex = text.slice(at, at + 4);
  // Python wants the closing quote to be there before it looks at the digits.
  const whole = at + 4 < text.length && /^[0-9a-fA-F]{4}$/.test(hex);
  if (!whole) throw jsonDecodeError("Invalid \\uXXXX escape", text, at - 1);
  return String.fromCharCode(Number.parseInt(hex, 16));
}

const LETTERS: Readonly<Record<string, string>> = Object.freeze({
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
});
