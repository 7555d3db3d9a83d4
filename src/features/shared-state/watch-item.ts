import type { PackedFields } from "./packed-changes.ts";

/**
 * What a watch says on the wire: `begin`, then the value of each variable, then `ready`, then every
 * change. A watch that goes on after a break has what it has missed in the place of the values.
 */
export type WatchItem =
  /** The life of the server in which this is said. */
  | { readonly begin: string; readonly recovered: boolean }
  | { readonly name: string; readonly value: unknown; readonly version: number }
  | { readonly ready: true; readonly cursor: string }
  | WatchedChange
  /** A large value, to those who keep its bytes; with a cursor it is a change. */
  | ({ readonly name: string; readonly version: number; readonly cursor?: string } & PackedFields);

/** One change; without a value the variable was deleted. */
export interface WatchedChange {
  readonly name: string;
  readonly value?: unknown;
  readonly version: number;
  /** From here the watch can go on. */
  readonly cursor: string;
}

/** One variable, as who watches it sees it; without a value it has been deleted. */
export interface WatchedVariable {
  readonly name: string;
  readonly value?: unknown;
  /** Grows with each change of the variable. */
  readonly version: number;
  /** It was so when the watch began. */
  readonly initial?: true;
}

/** What one item of the wire says. */
export type ReadItem =
  | { readonly kind: "begin"; readonly life: string; readonly recovered: boolean }
  | { readonly kind: "ready"; readonly cursor: string }
  | { readonly kind: "variable"; readonly seen: WatchedVariable; readonly cursor?: string };

/** An item as it came; `undefined` for what cannot be understood. */
export function readItem(item: unknown): ReadItem | undefined {
  if (typeof item !== "object" || item === null) return undefined;
  const { begin, recovered, ready, cursor, name, value, version }: Fields = { ...item };
  if (typeof begin === "string")
    return { kind: "begin", life: begin, recovered: recovered === true };
  if (ready === true) return { kind: "ready", cursor: String(cursor) };
  if (typeof name !== "string" || typeof version !== "number") return undefined;
  const has = value === undefined ? {} : { value };
  if (typeof cursor === "string")
    return { kind: "variable", seen: { name, ...has, version }, cursor };
  return { kind: "variable", seen: { name, ...has, version, initial: true } };
}

type Fields = Readonly<Partial<Record<string, unknown>>>;
