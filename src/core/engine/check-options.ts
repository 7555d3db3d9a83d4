import { SealwireError } from "../model/errors.ts";

/**
 * Refuses numbers that are not above 0; infinity means no limit.
 *
 * @throws `INVALID_ARGUMENT` naming the option, the value and what is allowed
 */
export function checkPositive(options: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || (typeof value === "number" && value > 0)) continue;
    throw invalidOption(name, value, "a number above 0");
  }
}

/** Refuses what is not one of a few words. @throws as `checkPositive` */
export function checkWord(name: string, value: unknown, allowed: readonly string[]): void {
  if (allowed.some((word) => word === value)) return;
  throw invalidOption(name, value, allowed.map((word) => JSON.stringify(word)).join(" or "));
}

/** Options over their defaults; one that is named but `undefined` hides no default. */
export function withDefaults<Options extends object>(
  defaults: Options,
  given: Partial<Options> | undefined,
): Options {
  const named = Object.entries(given ?? {}).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(named) };
}

/** Refuses what is not a whole number in a range, from 1 on by default. @throws as `checkPositive` */
export function checkWhole(
  name: string,
  value: unknown,
  least = 1,
  most: number = Number.MAX_SAFE_INTEGER,
): void {
  const whole = typeof value === "number" && Number.isSafeInteger(value);
  if (whole && value >= least && value <= most) return;
  const end = most < Number.MAX_SAFE_INTEGER ? `to ${most}` : "on";
  throw invalidOption(name, value, `a whole number from ${least} ${end}`);
}

/** Of the given options those that have a default, each a whole number. @throws as `checkPositive` */
export function wholeLimits<Limits extends Readonly<Record<keyof Limits, number>>>(
  defaults: Limits,
  given: Partial<Limits>,
  most?: number,
): Limits {
  const limits = { ...defaults };
  for (const name of Object.keys(defaults) as (keyof Limits & string)[]) {
    limits[name] = given[name] ?? defaults[name];
    checkWhole(name, limits[name], 1, most);
  }
  return limits;
}

/** The refusal of an option: what it is and what it may be. */
export function invalidOption(name: string, value: unknown, allowed: string): SealwireError {
  return new SealwireError(
    "INVALID_ARGUMENT",
    `${name} is ${String(value)}; allowed is ${allowed}`,
  );
}
