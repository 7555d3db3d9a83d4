import { isMap, textIn, type WireMap } from "./wire-map.ts";

/** One thing that is wrong with an argument, in the vocabulary of pydantic 2. */
export interface FormError {
  readonly field: string;
  readonly message: string;
  readonly type: string;
}

/**
 * What binding found wrong, as the original would name it: its clients look at `field` and `type`.
 * What pydantic has no word for keeps the sentence of the schema's library, as `value_error`.
 */
export function formErrors(details: unknown): readonly FormError[] | undefined {
  const errors = isMap(details) ? details["errors"] : undefined;
  if (!Array.isArray(errors) || errors.length === 0 || !errors.every(isProblem)) return undefined;
  return errors.map(formError);
}

/** What Python says when more arguments came by position than there are parameters. */
export function tooManySentence(details: unknown, method: string): string | undefined {
  if (!isMap(details)) return undefined;
  const { given, takes } = details;
  if (typeof given !== "number" || typeof takes !== "number") return undefined;
  const arguments_ = takes === 1 ? "argument" : "arguments";
  return `${method}() takes ${takes} positional ${arguments_} but ${given} were given`;
}

function isProblem(value: unknown): value is WireMap {
  return isMap(value) && typeof value["field"] === "string" && typeof value["message"] === "string";
}

function formError(problem: WireMap): FormError {
  const field = String(problem["field"]);
  const [type, message] = wordOf(problem) ?? ["value_error", String(problem["message"])];
  return { field, message, type };
}

type Word = readonly [type: string, message: string];

function wordOf(problem: WireMap): Word | undefined {
  switch (problem["type"]) {
    case "missing":
      return ["missing", "Field required"];
    case "unexpected":
    case "unrecognized_keys":
      return ["extra_forbidden", "Extra inputs are not permitted"];
    case "repeated":
      return ["multiple_argument_values", "Got multiple values for argument"];
    case "invalid_type":
      return typeWord(textIn(problem, "expected") ?? "", problem["received"]);
    case "too_small":
      return ["greater_than_equal", String(problem["message"])];
    case "too_big":
      return ["less_than_equal", String(problem["message"])];
    case "invalid_value":
      return ["literal_error", String(problem["message"])];
    default:
      return undefined;
  }
}

/** Of text pydantic says that it could not be read as a number; of anything else, what it wanted. */
function typeWord(expected: string, received: unknown): Word | undefined {
  const name = PYDANTIC_NAMES[expected];
  if (name === undefined) return undefined;
  const [type, sentence, noun] = name;
  if (received === "string" && noun !== undefined) {
    return [`${type}_parsing`, `${sentence}, unable to parse string as ${noun}`];
  }
  if (type === "int" && received === "number") {
    return ["int_from_float", `${sentence}, got a number with a fractional part`];
  }
  return [`${type}_type`, sentence];
}

/** What a library expects → how pydantic names it, and the noun behind "as" where text is read. */
const PYDANTIC_NAMES: Readonly<Record<string, readonly [string, string, string?]>> = Object.freeze({
  int: ["int", "Input should be a valid integer", "an integer"],
  number: ["float", "Input should be a valid number", "a number"],
  string: ["string", "Input should be a valid string"],
  boolean: ["bool", "Input should be a valid boolean", "a boolean"],
  object: ["dict", "Input should be a valid dictionary"],
  record: ["dict", "Input should be a valid dictionary"],
  array: ["list", "Input should be a valid list"],
});
