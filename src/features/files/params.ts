import type { StandardSchema } from "../../core/contracts/schema.ts";

/** Text of at most so many characters. */
export function text(maxLength: number): StandardSchema<unknown, string> {
  return schema((value) => {
    if (typeof value === "string" && value.length <= maxLength) return { value };
    return wrong(`wants text of at most ${maxLength} characters`);
  });
}

/** The same, where it may be left out. */
export function optional<Output>(
  inner: StandardSchema<unknown, Output>,
): StandardSchema<unknown, Output | undefined> {
  const validate: Validate<Output | undefined> = (value) =>
    value === undefined ? { value: undefined } : inner["~standard"].validate(value);
  return schema(validate);
}

/** A whole number from 0 on. Wires with integers of 64 bits give some of them as a bigint. */
export const WHOLE: StandardSchema<unknown, number> = schema((value) => {
  const number = typeof value === "bigint" ? Number(value) : value;
  if (typeof number === "number" && Number.isSafeInteger(number) && number >= 0) {
    return { value: number };
  }
  return wrong("wants a whole number from 0 on");
});

type Validate<Output> = StandardSchema<unknown, Output>["~standard"]["validate"];

function schema<Output>(validate: Validate<Output>): StandardSchema<unknown, Output> {
  return { "~standard": { version: 1, vendor: "sealwire", validate } };
}

function wrong(message: string): { readonly issues: readonly [{ readonly message: string }] } {
  return { issues: [{ message }] };
}
