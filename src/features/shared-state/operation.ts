import { SealwireError } from "../../core/model/errors.ts";
import type { Principal } from "../../core/model/peer.ts";
import { permits, type VariableDeclaration } from "./declaration.ts";
import type { Variable } from "./variables.ts";

/** What somebody wants to do to one variable. */
export type Operation =
  | {
      readonly kind: "set";
      readonly name: string;
      readonly value: unknown;
      readonly expected?: number;
    }
  | { readonly kind: "add"; readonly name: string; readonly amount: number }
  | { readonly kind: "delete"; readonly name: string; readonly expected?: number };

/** Who asks: a client as proven, or the server itself. */
export type Asker = { readonly principal?: Principal | undefined } | "server";

/**
 * The value after an operation, by the rule of its variable; `undefined` when it is deleted.
 *
 * @throws `CONFLICT` with the present version, `PERMISSION_DENIED`, `INVALID_ARGUMENT`
 */
export function valueAfter(
  operation: Operation,
  present: Variable | undefined,
  declaration: VariableDeclaration,
  asker: Asker,
): unknown {
  checkPermitted(operation, present, declaration, asker);
  if (operation.kind === "add") return sumOf(operation, present, declaration);
  checkExpected(operation, present, declaration, asker);
  if (operation.kind === "delete") return undefined;
  const { rule } = declaration;
  if (typeof rule !== "object") return operation.value;
  if (!present) return rule.first ? rule.first(operation.value) : operation.value;
  const merged = rule.merge(present.value, operation.value);
  return merged === undefined ? present.value : merged;
}

function checkPermitted(
  { kind, name }: Operation,
  present: Variable | undefined,
  { write }: VariableDeclaration,
  asker: Asker,
): void {
  if (asker === "server" || permits(write, asker.principal, name, present)) return;
  const what = kind === "delete" ? "delete" : "write";
  const message = `you may not ${what} the shared variable ${name}`;
  throw new SealwireError("PERMISSION_DENIED", message);
}

function sumOf(
  { name, amount }: Extract<Operation, { kind: "add" }>,
  present: Variable | undefined,
  { rule = "last-write" }: VariableDeclaration,
): number {
  if (rule !== "counter" && rule !== "last-write") {
    throw invalid(`${name} is no counter: declare it with the rule "counter", or set it`);
  }
  const before = present ? present.value : 0;
  if (typeof before !== "number") throw invalid(`${name} is ${typeof before}, and no number`);
  const sum = before + amount;
  if (!Number.isFinite(sum)) throw invalid(`${name} would be ${sum}; a counter is a finite number`);
  return sum;
}

function checkExpected(
  { kind, name, expected }: Exclude<Operation, { kind: "add" }>,
  present: Variable | undefined,
  declaration: VariableDeclaration,
  asker: Asker,
): void {
  const { rule = "last-write" } = declaration;
  const version = present?.version ?? 0;
  if (expected === version) return;
  if (expected !== undefined) throw conflict(name, expected, present, declaration, asker);
  // What is not there is deleted already, and nobody has to know a version of it.
  if (kind === "delete" && !present) return;
  if (rule === "compare-and-set" || rule === "counter") {
    const instead = rule === "counter" ? "; to count, add" : "";
    throw invalid(`${name} is written with the version that it is expected to have${instead}`);
  }
}

/** @throws `INVALID_ARGUMENT` for what is no version */
export function checkVersion(expected: number | undefined): void {
  if (expected === undefined || (Number.isSafeInteger(expected) && expected >= 0)) return;
  throw invalid(`expected is ${expected}; it is the version of the variable, 0 if there is none`);
}

function conflict(
  name: string,
  expected: number,
  present: Variable | undefined,
  { read }: VariableDeclaration,
  asker: Asker,
): SealwireError {
  const version = present?.version ?? 0;
  const readable = asker === "server" || permits(read, asker.principal, name, present);
  const value = present && readable ? { value: present.value } : {};
  const is = present ? `version ${version}` : "no value";
  const message = `${name} has ${is}, not version ${expected}: look at it and try again`;
  return new SealwireError("CONFLICT", message, { details: { name, version, ...value } });
}

function invalid(message: string): SealwireError {
  return new SealwireError("INVALID_ARGUMENT", message);
}
