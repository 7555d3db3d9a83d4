import type { StandardSchema } from "../../core/contracts/schema.ts";
import { isName, NAME_RULE } from "./names.ts";

/** The name of a room, or of an event in it. */
export const NAME: StandardSchema = schema(isName, `wants ${NAME_RULE}`);

/** What needs no checking here, and may be left out. */
export const ANY: StandardSchema = schema(() => true, "");

/** What a place in a room is known by. */
export const TICKET: StandardSchema = schema(
  optional((value) => typeof value === "string" && value.length <= 100),
  "wants a ticket as joining gave it, or nothing",
);

/** The number of something that happened, or of a question. */
export const COUNT: StandardSchema = schema(
  optional((value) => typeof value === "number" && Number.isSafeInteger(value) && value >= 0),
  "wants a whole number, or nothing",
);

/** For how long answers are waited for. */
export const TIMEOUT: StandardSchema = schema(
  optional((value) => typeof value === "number" && Number.isFinite(value) && value > 0),
  "wants milliseconds above 0, or nothing",
);

/** More ids than any room has members by default. */
const MAX_IDS = 10_000;

/** Members by their ids. */
export const MEMBERS: StandardSchema = schema(
  optional(
    (value) =>
      Array.isArray(value) &&
      value.length <= MAX_IDS &&
      value.every((id) => typeof id === "string" && id.length <= 100),
  ),
  `wants a list of at most ${MAX_IDS} ids of members, or nothing`,
);

/** Wires without `undefined` say `null`. */
function optional(fits: (value: unknown) => boolean): (value: unknown) => boolean {
  return (value) => value === undefined || value === null || fits(value);
}

function schema(fits: (value: unknown) => boolean, message: string): StandardSchema {
  const validate = (value: unknown) => (fits(value) ? { value } : { issues: [{ message }] });
  return { "~standard": { version: 1, vendor: "sealwire", validate } };
}
