import { type Arguments, NO_ARGUMENTS } from "../model/message.ts";

/** What a caller may hand over: an array by position, an object by name. */
export type CallArguments = readonly unknown[] | Readonly<Record<string, unknown>>;

/** Arguments in the model's form. */
export function toArguments(
  given: CallArguments | undefined,
  named: Arguments["named"] = NO_ARGUMENTS.named,
): Arguments {
  if (given === undefined && named === NO_ARGUMENTS.named) return NO_ARGUMENTS;
  if (given === undefined || isPositional(given)) {
    return { positional: given ?? NO_ARGUMENTS.positional, named };
  }
  const both = named === NO_ARGUMENTS.named ? given : { ...given, ...named };
  return { positional: NO_ARGUMENTS.positional, named: both };
}

function isPositional(given: CallArguments): given is readonly unknown[] {
  return Array.isArray(given);
}
