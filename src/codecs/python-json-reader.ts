import { jsonDecodeError, MAX_DIGITS, tooManyDigits } from "./python-json-error.ts";
import { readJsonString } from "./python-json-string.ts";

/**
 * Reads what `JSON.parse` cannot: `NaN`, infinities, integers of any length; and finds the fault
 * that Python's parser would name. Depth, items and `__proto__` have been looked at before.
 *
 * @throws `PROTOCOL_VIOLATION` with the words of Python 3.11.
 */
export function readPythonJson(text: string): unknown {
  if (text.startsWith("\ufeff")) {
    throw jsonDecodeError("Unexpected UTF-8 BOM (decode using utf-8-sig)", text, 0);
  }
  return new Reader(text).document();
}

/** The place in one text, and what stands there. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): unknown {
    this.#space();
    const value = this.#value();
    this.#space();
    if (this.#at < this.#text.length) throw this.#error("Extra data");
    return value;
  }

  #value(): unknown {
    switch (this.#text[this.#at]) {
      case '"':
        return this.#string();
      case "{":
        return this.#object();
      case "[":
        return this.#array();
      default:
        return this.#word();
    }
  }

  #object(): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    this.#at += 1;
    this.#space();
    if (this.#takes("}")) return object;
    for (;;) {
      if (this.#text[this.#at] !== '"') {
        throw this.#error("Expecting property name enclosed in double quotes");
      }
      const key = this.#string();
      this.#space();
      if (!this.#takes(":")) throw this.#error("Expecting ':' delimiter");
      this.#space();
      object[key] = this.#value();
      this.#space();
      if (this.#takes("}")) return object;
      if (!this.#takes(",")) throw this.#error("Expecting ',' delimiter");
      this.#space();
    }
  }

  #array(): unknown[] {
    const array: unknown[] = [];
    this.#at += 1;
    this.#space();
    if (this.#takes("]")) return array;
    for (;;) {
      array.push(this.#value());
      this.#space();
      if (this.#takes("]")) return array;
      if (!this.#takes(",")) throw this.#error("Expecting ',' delimiter");
      this.#space();
    }
  }

  #string(): string {
    const { value, end } = readJsonString(this.#text, this.#at);
    this.#at = end;
    return value;
  }

  #word(): unknown {
    for (const [word, value] of WORDS) {
      if (!this.#text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return value;
    }
    return this.#number();
  }

  #number(): number | bigint {
    NUMBER.lastIndex = this.#at;
    const match = NUMBER.exec(this.#text);
    if (!match) throw this.#error("Expecting value");
    const [digits, fraction] = match;
    this.#at += digits.length;
    if (fraction) return Number(digits);
    return integer(digits);
  }

  #takes(mark: string): boolean {
    if (this.#text[this.#at] !== mark) return false;
    this.#at += 1;
    return true;
  }

  #space(): void {
    while (" \t\n\r".includes(this.#text[this.#at] ?? "x")) this.#at += 1;
  }

  #error(message: string): Error {
    return jsonDecodeError(message, this.#text, this.#at);
  }
}

const NUMBER = /-?(?:0|[1-9][0-9]*)((?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)/y;

const WORDS: readonly (readonly [string, unknown])[] = [
  ["null", null],
  ["true", true],
  ["false", false],
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
];

function integer(digits: string): number | bigint {
  const number = Number(digits);
  if (Number.isSafeInteger(number)) return number;
  const count = digits.startsWith("-") ? digits.length - 1 : digits.length;
  if (count > MAX_DIGITS) throw tooManyDigits(count);
  return BigInt(digits);
}
