import { decodeUtf8 } from "../bytes/text.ts";
import { SealwireError } from "../core/model/errors.ts";
import { checkedJsonLimits, type JsonLimits, refuseLongJson } from "./json-limits.ts";
import { readPythonJson } from "./python-json-reader.ts";
import { writePythonJson } from "./python-json-writer.ts";
import { notPythonUtf8 } from "./python-utf8.ts";
import { skimJson } from "./skim-json.ts";

/** JSON as Python's `json` module reads and writes it. */
export interface PythonJson {
  /**
   * The value of a text. `NaN` and the infinities are numbers, integers beyond 2^53 bigints, the
   * last of several equal keys counts. A key `__proto__` is refused.
   *
   * @throws `PROTOCOL_VIOLATION` with the very words of Python's error, its class in
   * `details.python`; `TOO_LARGE` beyond a limit.
   */
  parse(bytes: Uint8Array): unknown;
  /**
   * The text of a value, ASCII alone, with `", "` and `": "` between: the very text that
   * `json.dumps` gives, but for floats, which JavaScript writes its own way (`3` for 3.0).
   * A `Date` becomes its ISO text; `undefined` is left out of objects and is `null` elsewhere.
   *
   * @throws `INVALID_ARGUMENT` for what JSON cannot carry, `TOO_LARGE` beyond a limit.
   */
  format(value: unknown): string;
}

/**
 * JSON as the Python programs speak it that we want to meet.
 *
 * @throws `INVALID_ARGUMENT` for an impossible limit.
 */
export function pythonJson(limits: JsonLimits = {}): PythonJson {
  const bounds = checkedJsonLimits(limits);
  return {
    parse(bytes) {
      refuseLongJson(bytes.length, bounds.maxBytes);
      const text = decodeUtf8(bytes);
      if (text === undefined) throw notPythonUtf8(bytes);
      skimJson(text, bounds);
      return LONG_INTEGER.test(text) ? readPythonJson(text) : parseText(text);
    },
    format(value) {
      const text = formatText(value, bounds);
      refuseLongJson(text.length, bounds.maxBytes);
      return text;
    },
  };
}

/** Sixteen digits may be more than 2^53. Fractions of that length are common and no integers. */
const LONG_INTEGER = /(?<![.\d])\d{16}/;

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // NaN, an infinity, or a mistake that Python has its own words for.
    return readPythonJson(text);
  }
}

function formatText(value: unknown, bounds: Required<JsonLimits>): string {
  try {
    return writePythonJson(value, bounds);
  } catch (thrown) {
    // A getter of the value may throw whatever it likes.
    throw SealwireError.from(thrown, "INVALID_ARGUMENT");
  }
}
