import { SealwireError } from "../core/model/errors.ts";

/** What one value may hold. */
export interface WriterLimits {
  readonly maxDepth: number;
  readonly maxItems: number;
}

/**
 * The text that Python's `json.dumps` gives for a value: ASCII alone, a space behind each comma
 * and colon.
 *
 * @throws `INVALID_ARGUMENT` for what JSON cannot carry, `TOO_LARGE` for too many values.
 */
export function writePythonJson(value: unknown, limits: WriterLimits): string {
  return new Writer(limits).text(value, 0);
}

class Writer {
  readonly #limits: WriterLimits;
  #items = 0;

  constructor(limits: WriterLimits) {
    this.#limits = limits;
  }

  text(value: unknown, depth: number): string {
    if (++this.#items > this.#limits.maxItems) throw tooMany(this.#limits.maxItems);
    switch (typeof value) {
      case "string":
        return quoted(value);
      case "number":
        return number(value);
      case "boolean":
      case "bigint":
        return String(value);
      case "undefined":
        return "null";
      case "object":
        return value === null ? "null" : this.#container(value, depth + 1);
      default:
        throw unfit(typeof value);
    }
  }

  #container(value: object, depth: number): string {
    if (depth > this.#limits.maxDepth) throw tooDeep(this.#limits.maxDepth);
    if (Array.isArray(value)) return this.#array(value, depth);
    if (value instanceof Date) return date(value);
    return this.#object(value, depth);
  }

  #array(items: readonly unknown[], depth: number): string {
    let text = "";
    for (let at = 0; at < items.length; at++) {
      text += at === 0 ? this.text(items[at], depth) : `, ${this.text(items[at], depth)}`;
    }
    return `[${text}]`;
  }

  #object(object: object, depth: number): string {
    refuseClasses(object);
    let text = "";
    for (const [key, value] of Object.entries(object)) {
      if (value === undefined) continue;
      if (key === "__proto__") throw proto();
      if (text !== "") text += ", ";
      text += `${quoted(key)}: ${this.text(value, depth)}`;
    }
    return `{${text}}`;
  }
}

/**
 * Whole numbers beyond 2^53 are floats that have lost digits, so they leave as floats: read as an
 * integer they would claim to be exact. Exact ones are bigints.
 */
function number(value: number): string {
  if (!Number.isFinite(value)) throw outOfRange();
  const text = String(value);
  const claims = Math.abs(value) > Number.MAX_SAFE_INTEGER && !text.includes("e");
  return claims ? `${text}.0` : text;
}

/** Text between quotes. What Python's `ensure_ascii` escapes goes beyond what JSON must escape. */
function quoted(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  return JSON.stringify(text).replace(/[^ -~]/g, escaped);
}

const PLAIN = /^[ !#-[\]-~]*$/;

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function date(value: Date): string {
  if (Number.isNaN(value.getTime())) throw unfit("Date without a time");
  return quoted(value.toISOString());
}

/** The prototype of a plain object of another realm is not ours, but has none above it either. */
function refuseClasses(object: object): void {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype === null || Object.getPrototypeOf(prototype) === null) return;
  throw unfit(object.constructor?.name || "a class");
}

/** Python's own words, which people who know that program will look for. */
function unfit(type: string): SealwireError {
  return new SealwireError("INVALID_ARGUMENT", `Object of type ${type} is not JSON serializable`);
}

function outOfRange(): SealwireError {
  return new SealwireError("INVALID_ARGUMENT", "Out of range float values are not JSON compliant");
}

function proto(): SealwireError {
  return new SealwireError(
    "INVALID_ARGUMENT",
    "JSON with the key __proto__ could change what an object is; give it another name",
  );
}

function tooDeep(maxDepth: number): SealwireError {
  return new SealwireError(
    "INVALID_ARGUMENT",
    `the value is nested deeper than ${maxDepth} levels or contains itself`,
  );
}

function tooMany(maxItems: number): SealwireError {
  return new SealwireError(
    "TOO_LARGE",
    `the value has more than ${maxItems} parts; send it in pieces`,
  );
}
