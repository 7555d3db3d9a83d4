import type { TaskCall } from "../../src/core/contracts/executor.ts";
import { SealwireError } from "../../src/core/model/errors.ts";

/** What the tests run in threads. No handler of these could answer while it computes. */
export const add = (a: number, b: number): number => a + b;

export function greet({ name }: { readonly name: string }, call: TaskCall): string {
  const scopes = [...(call.principal?.scopes ?? [])].join(" ");
  return `${name} by ${call.principal?.id} (${scopes}) with ${call.meta["trace"]}`;
}

export async function kinds(...values: readonly unknown[]): Promise<readonly unknown[]> {
  return [...values, new Map([["a", 1n]]), new Date(0), new Uint8Array([1, 2])];
}

export const lastOf = (...values: readonly unknown[]): unknown => values.at(-1);

export function taken(): never {
  throw new SealwireError("CONFLICT", "that is taken", { details: { by: "ann" } });
}

export function wrong(): never {
  throw new RangeError("a secret inside");
}

export function spin(): void {
  for (;;);
}

export function spinFor(ms: number): number {
  const end = performance.now() + ms;
  while (performance.now() < end);
  return ms;
}

export function exit(): never {
  process.exit(3);
}

export function crash(): Promise<void> {
  setTimeout(() => {
    throw new Error("nobody catches this");
  });
  return new Promise(() => {});
}

export function devour(): never {
  const kept: number[][] = [];
  for (;;) kept.push(new Array(1_000_000).fill(kept.length));
}

export const closure = (): (() => number) => () => 1;

export default { fromDefault: (text: string): string => `default ${text}` };
