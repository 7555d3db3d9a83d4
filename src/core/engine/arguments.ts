import { type Arguments, NO_ARGUMENTS } from "../model/message.ts";

/** What a caller may hand over: an array by position, an object by name. */
export type CallArguments = readonly unknown[] | Readonly<Record<string, unknown>>;

/** Arguments in the model's form. */
export function toArguments(given: CallArguments | undefined): Arguments {
  if (given === undefined) return NO_ARGUMENTS;
  if (isPositional(given)) return { positional: given, named: NO_ARGUMENTS.named };
  return { positional: NO_ARGUMENTS.positional, named: given };
}

function isPositional(given: CallArguments): given is readonly unknown[] {
  return Array.isArray(given);
}
