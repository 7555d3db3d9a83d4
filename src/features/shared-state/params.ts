import type { StandardSchema } from "../../core/contracts/schema.ts";
import { isName, isPrefix, NAME_RULE } from "./names.ts";

/** The name of a variable. */
export const NAME: StandardSchema<unknown, string> = schema(
  isName,
  `wants ${NAME_RULE}`,
) as StandardSchema<unknown, string>;

/** How names begin, where it is wanted at all. */
export const PREFIX: StandardSchema = schema(optional(isPrefix), `wants ${NAME_RULE}, or nothing`);

/** A name, where one is wanted at all. */
export const NAME_OR_NOTHING: StandardSchema = schema(
  optional(isName),
  `wants ${NAME_RULE}, or nothing`,
);

/** Any value, but there must be one. */
export const VALUE: StandardSchema = schema((value) => value !== undefined, "wants a value");

/** The version that a variable is expected to have. */
export const VERSION: StandardSchema = schema(isVersion, "wants a version: 0 if there is no value");

/** The same where it need not be said. */
export const VERSION_OR_NOTHING: StandardSchema = schema(
  optional(isVersion),
  "wants a version or nothing",
);

/** What is added to a counter. */
export const AMOUNT: StandardSchema = schema(
  optional((value) => typeof value === "number" && Number.isFinite(value)),
  "wants a finite number",
);

/** From where a watch goes on. */
export const CURSOR: StandardSchema = schema(
  optional((value) => typeof value === "string" && value.length <= 100),
  "wants a cursor as a watch gave it",
);

/** Something that is so or not. */
export const YES_OR_NO: StandardSchema = schema(
  optional((value) => typeof value === "boolean"),
  "wants true or false, or nothing",
);

function isVersion(value: unknown): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** Wires without `undefined` say `null`. */
function optional(fits: (value: unknown) => boolean): (value: unknown) => boolean {
  return (value) => value === undefined || value === null || fits(value);
}

function schema(fits: (value: unknown) => boolean, message: string): StandardSchema {
  const validate = (value: unknown) => (fits(value) ? { value } : { issues: [{ message }] });
  return { "~standard": { version: 1, vendor: "sealwire", validate } };
}
