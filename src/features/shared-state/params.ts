import type { StandardSchema } from "../../core/contracts/schema.ts";
import { MAX_NAME_LENGTH } from "./options.ts";

/** The name of a variable. */
export const NAME: StandardSchema<unknown, string> = schema(
  (value) => typeof value === "string" && value !== "" && value.length <= MAX_NAME_LENGTH,
  `wants text of 1 to ${MAX_NAME_LENGTH} characters`,
) as StandardSchema<unknown, string>;

/** Any value, but there must be one. */
export const VALUE: StandardSchema = schema((value) => value !== undefined, "wants a value");

function schema(fits: (value: unknown) => boolean, message: string): StandardSchema {
  const validate = (value: unknown) => (fits(value) ? { value } : { issues: [{ message }] });
  return { "~standard": { version: 1, vendor: "sealwire", validate } };
}
