import type { Handler } from "../model/call.ts";

/** A plain function as a handler: positional arguments spread, named ones as one last object. */
export function bindPlain(plain: (...args: never[]) => unknown): Handler {
  const run = plain as (...args: readonly unknown[]) => unknown;
  return ({ args: { positional, named } }) => {
    for (const _ in named) return run(...positional, named);
    return run(...positional);
  };
}
