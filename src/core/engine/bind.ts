import type { ProcedureOptions } from "../contracts/feature.ts";
import type { StandardIssue, StandardSchema } from "../contracts/schema.ts";
import type { Call, Handler } from "../model/call.ts";
import { SealwireError } from "../model/errors.ts";
import type { Arguments } from "../model/message.ts";
import type { Binding } from "./procedures.ts";

/** A handler that takes its declared parameters by name. */
export type NamedHandler = (params: Readonly<Record<string, unknown>>, call: Call) => unknown;

/** One thing that is wrong with an argument, as it travels in `details.errors`. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
  /**
   * `missing`, `unexpected` (no such parameter), `repeated` (by position and by name), or the word
   * of the schema's library, such as `invalid_type` of zod.
   */
  readonly type: string;
  /** What the library wanted, if it says so. */
  readonly expected?: string;
  /** What kind of value came instead. */
  readonly received?: string;
}

/**
 * A handler whose arguments are bound to the declared parameters and validated before it runs:
 * positional ones by the order of the names, named ones by name.
 */
export function bindNamed(
  params: NonNullable<ProcedureOptions["params"]>,
  handler: NamedHandler,
): Handler {
  const names = Object.keys(params);
  const schemas = names.map((name) => schemaOf(name, params[name]));
  return (call) => {
    const values = bindArguments(names, call.args);
    const checked = schemas.map((schema, i) => schema["~standard"].validate(values[i]));
    if (checked.some((result) => result instanceof Promise)) {
      return Promise.all(checked).then((results) => handler(collect(names, values, results), call));
    }
    return handler(collect(names, values, checked as readonly Checked[]), call);
  };
}

/** A handler with what its options say of parameters and result. */
export const bound: Binding = (options, run) => {
  const handler = options.params ? bindNamed(options.params, run) : (call: Call) => run(call);
  return options.result ? checkResult(options.result, handler) : handler;
};

/** A handler whose answer is validated before it leaves; one that does not fit is our own fault. */
export function checkResult(schema: StandardSchema, handler: Handler): Handler {
  return async (call) => {
    const checked = await schema["~standard"].validate(await handler(call));
    if (checked.issues === undefined) return checked.value;
    const issues = checked.issues.map((issue) => issue.message).join("; ");
    throw new Error(`the result of ${call.procedure} does not fit its schema: ${issues}`);
  };
}

function schemaOf(name: string, schema: StandardSchema | undefined): StandardSchema {
  if (typeof schema?.["~standard"]?.validate === "function") return schema;
  const message = `the parameter ${name} needs a Standard Schema, as zod, valibot and arktype make`;
  throw new SealwireError("INVALID_ARGUMENT", message);
}

type Checked =
  | { readonly value: unknown; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

function bindArguments(names: readonly string[], args: Arguments): readonly unknown[] {
  const { positional, named } = args;
  if (positional.length > names.length) throw tooMany(names, positional.length);
  const values: unknown[] = [...positional];
  for (const name of Object.keys(named)) {
    const at = names.indexOf(name);
    if (at < 0)
      throw invalid([problem(name, "unexpected", `no such parameter; there are ${list(names)}`)]);
    if (at < positional.length) throw invalid([problem(name, "repeated", "given twice")]);
    values[at] = named[name];
  }
  return values;
}

function collect(
  names: readonly string[],
  values: readonly unknown[],
  results: readonly Checked[],
): Readonly<Record<string, unknown>> {
  const entries: (readonly [string, unknown])[] = [];
  const errors: FieldError[] = [];
  results.forEach((result, i) => {
    const name = names[i] ?? "";
    if (result.issues === undefined) entries.push([name, result.value]);
    else errors.push(...result.issues.map((issue) => fieldError(name, values[i], issue)));
  });
  if (errors.length > 0) throw invalid(errors);
  // Not by assignment: a parameter named `__proto__` is a parameter like others.
  return Object.fromEntries(entries);
}

function problem(field: string, type: string, message: string): FieldError {
  return { field, message, type };
}

function fieldError(name: string, value: unknown, issue: StandardIssue): FieldError {
  // Not its own `map`: the lists of arktype make lists of another kind.
  const path = Array.from(issue.path ?? [], (step) => (typeof step === "object" ? step.key : step));
  const field = [name, ...path].map(String).join(".");
  if (value === undefined) return problem(field, "missing", issue.message);
  // The specification names only message and path; libraries add what they know.
  const { code, expected }: StandardIssue & LibraryWords = issue;
  return {
    ...problem(field, typeof code === "string" ? code : "invalid", issue.message),
    ...(typeof expected === "string" && { expected }),
    ...(path.length === 0 && { received: typeof value }),
  };
}

/** What zod and others say beside message and path. */
interface LibraryWords {
  readonly code?: unknown;
  readonly expected?: unknown;
}

function invalid(errors: readonly FieldError[]): SealwireError {
  const text = errors.map(({ field, message }) => `${field}: ${message}`).join("; ");
  return new SealwireError("INVALID_ARGUMENT", text, { details: { errors } });
}

function tooMany(names: readonly string[], given: number): SealwireError {
  const message = `${given} arguments for ${names.length} parameters (${list(names)})`;
  const details = { given, takes: names.length };
  return new SealwireError("INVALID_ARGUMENT", message, { details });
}

function list(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.join(", ");
}
