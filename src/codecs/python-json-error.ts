import { SealwireError } from "../core/model/errors.ts";

/** `JSONDecodeError`, worded as Python's: line, column and character, all in code points. */
export function jsonDecodeError(message: string, text: string, at: number): SealwireError {
  const { line, column, char } = placeOf(text, at);
  return new SealwireError(
    "PROTOCOL_VIOLATION",
    `${message}: line ${line} column ${column} (char ${char})`,
    { details: { python: "JSONDecodeError" } },
  );
}

/** Python refuses integers of more digits, because reading them takes time squared. */
export function tooManyDigits(digits: number): SealwireError {
  return new SealwireError(
    "PROTOCOL_VIOLATION",
    `Exceeds the limit (${MAX_DIGITS} digits) for integer string conversion: value has ${digits} ` +
      "digits; use sys.set_int_max_str_digits() to increase the limit",
    { details: { python: "ValueError" } },
  );
}

/** Digits that one integer may have. */
export const MAX_DIGITS = 4_300;

function placeOf(text: string, end: number): { line: number; column: number; char: number } {
  let line = 1;
  let lineStart = 0;
  let char = 0;
  for (let at = 0; at < end; at++) {
    const point = text.codePointAt(at) ?? 0;
    if (point > 0xffff) at += 1;
    char += 1;
    if (point !== 0x0a) continue;
    line += 1;
    lineStart = char;
  }
  return { line, column: char - lineStart + 1, char };
}
