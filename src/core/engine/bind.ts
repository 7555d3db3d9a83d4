import type { ProcedureOptions } from "../contracts/feature.ts";
import type { StandardIssue, StandardSchema } from "../contracts/schema.ts";
import type { Call, Handler } from "../model/call.ts";
import { SealwireError } from "../model/errors.ts";
import type { Arguments } from "../model/message.ts";

/** A handler that takes its declared parameters by name. */
export type NamedHandler = (params: Readonly<Record<string, unknown>>, call: Call) => unknown;

/** One thing that is wrong with an argument, as it travels in `details.errors`. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
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
      return Promise.all(checked).then((results) => handler(collect(names, results), call));
    }
    return handler(collect(names, checked as readonly Checked[]), call);
  };
}

/** A handler whose answer is validated before it leaves; one that does not fit is our own fault. */
export function checkResult(schema: StandardSchema, handler: Handler): Handler {
  return async (call) => {
    const checked = await schema["~standard"].validate(await handler(call));
    if (checked.issues === undefined) return checked.value;
    const issues = checked.issues.map((issue) => issue.message).join("; ");
    throw new Error(`the result of ${call.procedure} does not fit its schema: ${issues}`);
  };
}

/** A plain function as a handler: positional arguments spread, named ones as one last object. */
export function bindPlain(plain: (...args: never[]) => unknown): Handler {
  const run = plain as (...args: readonly unknown[]) => unknown;
  return ({ args: { positional, named } }) => {
    for (const _ in named) return run(...positional, named);
    return run(...positional);
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
      throw invalid([{ field: name, message: `no such parameter; there are ${list(names)}` }]);
    if (at < positional.length) throw invalid([{ field: name, message: "given twice" }]);
    values[at] = named[name];
  }
  return values;
}

function collect(
  names: readonly string[],
  results: readonly Checked[],
): Readonly<Record<string, unknown>> {
  const entries: (readonly [string, unknown])[] = [];
  const errors: FieldError[] = [];
  results.forEach((result, i) => {
    const name = names[i] ?? "";
    if (result.issues === undefined) entries.push([name, result.value]);
    else errors.push(...result.issues.map((issue) => fieldError(name, issue)));
  });
  if (errors.length > 0) throw invalid(errors);
  // Not by assignment: a parameter named `__proto__` is a parameter like others.
  return Object.fromEntries(entries);
}

function fieldError(name: string, issue: StandardIssue): FieldError {
  // Not its own `map`: the lists of arktype make lists of another kind.
  const path = Array.from(issue.path ?? [], (step) => (typeof step === "object" ? step.key : step));
  return { field: [name, ...path].map(String).join("."), message: issue.message };
}

function invalid(errors: readonly FieldError[]): SealwireError {
  const text = errors.map(({ field, message }) => `${field}: ${message}`).join("; ");
  return new SealwireError("INVALID_ARGUMENT", text, { details: { errors } });
}

function tooMany(names: readonly string[], given: number): SealwireError {
  const message = `${given} arguments for ${names.length} parameters (${list(names)})`;
  return new SealwireError("INVALID_ARGUMENT", message);
}

function list(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.join(", ");
}
