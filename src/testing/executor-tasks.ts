import { SealwireError } from "../core/model/errors.ts";

/** What the suite of executors has run elsewhere: each a handler by its name. */
export const add = (a: number, b: number): number => a + b;

export const later = async (value: unknown): Promise<unknown> => value;

export const all = (...values: readonly unknown[]): readonly unknown[] => values;

export function refuse(): never {
  throw new SealwireError("CONFLICT", "that is taken", { details: { by: "ann" } });
}

export function fail(): never {
  throw new RangeError("beyond the range");
}

/** Never looks up. */
export function spin(): never {
  for (;;);
}

export function spinFor(ms: number): number {
  const end = performance.now() + ms;
  while (performance.now() < end);
  return ms;
}

/** Ends what runs it. */
export function die(): Promise<never> {
  setTimeout(() => {
    throw new Error("nobody catches this");
  });
  return new Promise(() => {});
}

// An executor finds the functions of an object that a module exports as default as well.
// biome-ignore lint/style/noDefaultExport: it is what is tested
export default { inDefault: (text: string): string => `default ${text}` };
