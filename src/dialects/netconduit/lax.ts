import type { StandardIssue, StandardResult, StandardSchema } from "../../core/contracts/schema.ts";

/**
 * A schema that takes what pydantic takes for a number: where the schema refuses a value, the text
 * of a number counts as that number, `true` as 1 and `false` as 0. For servers whose clients were
 * written for pydantic's forgiving reading; what still does not fit is refused as before.
 *
 * @example
 * const params = { a: lax(z.int()), b: lax(z.int()) };
 */
export function lax<Input, Output>(
  schema: StandardSchema<Input, Output>,
): StandardSchema<Input, Output> {
  const standard = schema["~standard"];
  const issueOf = isInteger(standard) ? ofIntegers : (issue: StandardIssue) => issue;
  const judge = (
    first: StandardResult<Output>,
    second: StandardResult<Output>,
  ): StandardResult<Output> => {
    if (first.issues === undefined) return first;
    return second.issues === undefined ? second : { issues: first.issues.map(issueOf) };
  };
  return {
    "~standard": {
      ...standard,
      validate(value) {
        const first = standard.validate(value);
        const second = standard.validate(asNumber(value));
        if (!(first instanceof Promise) && !(second instanceof Promise))
          return judge(first, second);
        return Promise.all([first, second]).then(([one, other]) => judge(one, other));
      },
    },
  };
}

/** What else a value may be read as; itself if nothing. */
function asNumber(value: unknown): unknown {
  if (typeof value === "boolean") return Number(value);
  if (typeof value !== "string" || value.length > MAX_NUMBER_LENGTH) return value;
  return /^\s*[+-]?\d+(\.\d*)?(e[+-]?\d+)?\s*$/i.test(value) ? Number(value) : value;
}

/** Longer ones are no numbers that anybody writes. */
const MAX_NUMBER_LENGTH = 100;

/** Zod expects a number first and an integer only then; pydantic speaks of integers throughout. */
function ofIntegers(issue: StandardIssue): StandardIssue {
  const wanted: unknown = Reflect.get(issue, "expected");
  return wanted === "number" ? Object.assign({}, issue, { expected: "int" }) : issue;
}

/** By Standard JSON Schema, as `features/describe` reads it. */
function isInteger(standard: object): boolean {
  const converter: unknown = Reflect.get(standard, "jsonSchema");
  if (typeof converter !== "object" || converter === null) return false;
  const convert: unknown = Reflect.get(converter, "input");
  if (typeof convert !== "function") return false;
  try {
    const schema: unknown = convert.call(converter, { target: "draft-2020-12" });
    return (
      typeof schema === "object" && schema !== null && Reflect.get(schema, "type") === "integer"
    );
  } catch {
    // A library without words for its check; it then has none for integers either.
    return false;
  }
}
