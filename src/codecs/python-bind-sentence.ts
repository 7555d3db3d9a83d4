import { isFields } from "../core/engine/fields.ts";
import type { Failure } from "../core/model/errors.ts";

/**
 * What Python says of arguments that do not fit a function's parameters; `undefined` for failures
 * that are not about that.
 */
export function bindSentence({ code, details }: Failure, procedure: string): string | undefined {
  if (code !== "INVALID_ARGUMENT" || !isFields(details)) return undefined;
  const { given, takes, errors } = details;
  if (typeof given === "number" && typeof takes === "number") {
    return `${procedure}() takes ${counted(takes)} but ${given} ${given === 1 ? "was" : "were"} given`;
  }
  const problems = Array.isArray(errors) ? errors.filter(isProblem) : [];
  return problems.length === 0 ? undefined : `${procedure}() ${sentenceOf(problems)}`;
}

/** One thing that is wrong with an argument, as the engine says it. */
interface Problem {
  readonly field: string;
  readonly message: string;
  readonly type: string;
}

function sentenceOf(problems: readonly Problem[]): string {
  const missing = problems.filter(({ type }) => type === "missing").map(({ field }) => field);
  if (missing.length > 0) return missingSentence(missing);
  const [{ type, field } = { type: "", field: "" }] = problems;
  if (type === "unexpected") return `got an unexpected keyword argument '${shown(field)}'`;
  if (type === "repeated") return `got multiple values for argument '${shown(field)}'`;
  return problems.map(({ field, message }) => `argument '${field}': ${message}`).join("; ");
}

/** `'a'`, `'a' and 'b'`, `'a', 'b', and 'c'`: as CPython lists them. */
function missingSentence(names: readonly string[]): string {
  const quoted = names.map((name) => `'${name}'`);
  const last = quoted.at(-1) ?? "";
  const before = quoted.slice(0, -1).join(", ");
  const list = [last, `${before} and ${last}`][names.length - 1] ?? `${before}, and ${last}`;
  const noun = names.length === 1 ? "argument" : "arguments";
  return `missing ${names.length} required positional ${noun}: ${list}`;
}

function counted(count: number): string {
  return `${count} positional argument${count === 1 ? "" : "s"}`;
}

const MAX_SHOWN = 200;

/** A name that the caller made up need not come back whole. */
function shown(name: string): string {
  return name.length > MAX_SHOWN ? `${name.slice(0, MAX_SHOWN)}…` : name;
}

function isProblem(value: unknown): value is Problem {
  if (!isFields(value)) return false;
  return [value["field"], value["message"], value["type"]].every(
    (each) => typeof each === "string",
  );
}
