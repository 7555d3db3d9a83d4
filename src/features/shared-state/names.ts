import { SealwireError } from "../../core/model/errors.ts";
import { MAX_NAME_LENGTH } from "./options.ts";

/** Control characters would steer terminals and logs; half a character would become another. */
const UNUSABLE = /[\p{Cc}\p{Cs}]/u;
/** Most names; told much faster than that the above is nowhere in them. */
const PLAIN = /^[ -~]*$/;

/** What a name has to be, for people. */
export const NAME_RULE: string = `text of 1 to ${MAX_NAME_LENGTH} characters without control characters`;

/** Whether a variable may have this name. */
export function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "" && isPrefix(value);
}

/** Whether names may begin so; all of them begin with nothing. */
export function isPrefix(value: unknown): value is string {
  return typeof value === "string" && value.length <= MAX_NAME_LENGTH && isUsable(value);
}

function isUsable(text: string): boolean {
  return PLAIN.test(text) || !UNUSABLE.test(text);
}

/** @throws `INVALID_ARGUMENT` for what is no name */
export function checkName(name: unknown): void {
  if (isName(name)) return;
  throw new SealwireError("INVALID_ARGUMENT", `the name of a variable is ${NAME_RULE}`);
}
