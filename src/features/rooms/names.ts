import { SealwireError } from "../../core/model/errors.ts";

/** The longest name of a room, and of an event in it. */
export const MAX_NAME_LENGTH = 256;

/** Control characters would steer terminals and logs; half a character would become another. */
const UNUSABLE = /[\p{Cc}\p{Cs}]/u;

/** What a name has to be, for people. */
export const NAME_RULE: string = `text of 1 to ${MAX_NAME_LENGTH} characters without control characters`;

/** Whether a room, or an event in it, may have this name. */
export function isName(value: unknown): value is string {
  if (typeof value !== "string" || value === "") return false;
  return value.length <= MAX_NAME_LENGTH && !UNUSABLE.test(value);
}

/** @throws `INVALID_ARGUMENT` for what is no name */
export function checkName(what: string, name: unknown): void {
  if (isName(name)) return;
  throw new SealwireError("INVALID_ARGUMENT", `the name of ${what} is ${NAME_RULE}`);
}
