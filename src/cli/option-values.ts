import { InvalidArgumentError } from "commander";

/** For options that may be repeated. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** The longest time a timer of Node can wait. */
const MAX_MS = 2_147_483_647;

/** Reads a length of time. */
export function millisecondsOption(value: string): number {
  return wholeNumber(value, 1, MAX_MS, " milliseconds");
}

/** Reads how often something shall happen. */
export function countOption(value: string): number {
  return wholeNumber(value, 1, 1_000_000, "");
}

/** Reads the version of a variable; 0 for one that does not exist. */
export function versionOption(value: string): number {
  return wholeNumber(value, 0, Number.MAX_SAFE_INTEGER, "");
}

/** Checks that an argument is a number, and leaves it as it was written. */
export function numberArgument(value: string): string {
  if (value.trim() !== "" && Number.isFinite(Number(value))) return value;
  throw new InvalidArgumentError("It must be a number.");
}

/** Reads one of several words. */
export function choice<Word extends string>(words: readonly Word[]): (value: string) => Word {
  return (value) => {
    const found = words.find((word) => word === value);
    if (found !== undefined) return found;
    throw new InvalidArgumentError(`It must be one of ${words.join(", ")}.`);
  };
}

function wholeNumber(value: string, min: number, max: number, unit: string): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= min && number <= max) return number;
  throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}${unit}.`);
}
