import { bindSentence } from "../../codecs/python-bind-sentence.ts";
import { pythonTypeName } from "../../codecs/python-type-name.ts";
import type { ErrorCode, Failure } from "../../core/model/errors.ts";

/** What the original says to a wrong or missing password. */
const WRONG_PASSWORD = "Ungültiges Passwort";

/** What the original says where no function has this name. */
export function unknownFunction(name: string): string {
  const shown = name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH)}…` : name;
  return `Funktion ${shown} nicht gefunden`;
}

/** A name that is answered comes from the peer: the answer is not to grow with it. */
const MAX_NAME_LENGTH = 1_000;

/** What a failure may have to speak of. */
export interface Asked {
  readonly func: string;
  /** What is told if nobody registered the function. */
  readonly unknown: string;
}

/** A failure as the text of the wire: Python's words where Python itself would complain. */
export function textOf(failure: Failure, asked: Asked | undefined): string {
  if (failure.code === "UNAUTHENTICATED") return WRONG_PASSWORD;
  if (!asked) return failure.message;
  if (failure.type === "UnknownProcedure") return asked.unknown;
  return bindSentence(failure, asked.func) ?? failure.message;
}

/** The code that a text of the wire stands for, in the answer to a call of this function. */
export function codeOf(text: string, func: string): ErrorCode {
  if (text === WRONG_PASSWORD) return "UNAUTHENTICATED";
  return text === unknownFunction(func) ? "NOT_FOUND" : "INTERNAL";
}

/** Python's words for a request that is JSON but no object. */
export function notAnObject(value: unknown): string {
  return `'${pythonTypeName(value)}' object has no attribute 'get'`;
}

/** Python's words for a key that is looked up and not there. */
export const MISSING_FUNC = "'func'";

/** Python's words for a name that no table can have as a key. */
export function unhashable(value: unknown): string {
  return `unhashable type: '${pythonTypeName(value)}'`;
}

/** Arguments that cannot be taken one by one, in Python's words. */
export function noIterable(func: string, value: unknown): string {
  return `${func}() argument after * must be an iterable, not ${pythonTypeName(value)}`;
}

/** Named arguments that are no object, in Python's words. */
export function noMapping(func: string, value: unknown): string {
  return `${func}() argument after ** must be a mapping, not ${pythonTypeName(value)}`;
}
