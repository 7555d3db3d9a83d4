import { SealwireError } from "../../core/model/errors.ts";
import type { Arguments } from "../../core/model/message.ts";

/** A function that every server of the original has: anybody is told the server's key. */
export const GET_PUBLIC_KEY = "__get_public_key__";
/** Another: stores a shared variable. */
export const UPDATE_SHARED_VAR = "__update_shared_var__";
/** The procedure that stores a shared variable, whichever wire asks for it. */
export const STATE_PUT = "$state.put";

/** @throws `INVALID_ARGUMENT` for arguments, in Python's words */
export function checkNoArguments({ positional, named }: Arguments): void {
  const [unexpected] = Object.keys(named);
  if (unexpected !== undefined) throw unexpectedNamed(GET_PUBLIC_KEY, unexpected);
  if (positional.length > 0) throw tooManyPositional(GET_PUBLIC_KEY, 0, positional.length);
}

/** Name and value of a variable, by position, as `$state.put` takes them. @throws as above */
export function updateArguments({ positional, named }: Arguments): Arguments {
  if (positional.length > 2) throw tooManyPositional(UPDATE_SHARED_VAR, 2, positional.length);
  const unexpected = Object.keys(named).find((key) => !PARAMETERS.includes(key));
  if (unexpected !== undefined) throw unexpectedNamed(UPDATE_SHARED_VAR, unexpected);
  const values = PARAMETERS.map((name, at) => {
    const given = at < positional.length;
    if (given && Object.hasOwn(named, name)) throw repeated(name);
    if (!given && !Object.hasOwn(named, name)) throw missing(name);
    return given ? positional[at] : named[name];
  });
  return { positional: values, named: {} };
}

const PARAMETERS: readonly string[] = ["name", "value"];

function tooManyPositional(name: string, takes: number, given: number): SealwireError {
  const were = given === 1 ? "was" : "were";
  return new SealwireError(
    "INVALID_ARGUMENT",
    `${name}() takes ${takes} positional arguments but ${given} ${were} given`,
  );
}

function unexpectedNamed(name: string, key: string): SealwireError {
  return new SealwireError(
    "INVALID_ARGUMENT",
    `${name}() got an unexpected keyword argument '${key}'`,
  );
}

function repeated(key: string): SealwireError {
  return new SealwireError(
    "INVALID_ARGUMENT",
    `${UPDATE_SHARED_VAR}() got multiple values for argument '${key}'`,
  );
}

function missing(key: string): SealwireError {
  return new SealwireError(
    "INVALID_ARGUMENT",
    `${UPDATE_SHARED_VAR}() missing a required argument: '${key}'`,
  );
}
