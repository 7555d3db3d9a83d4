import type { StandardSchema } from "../../core/contracts/schema.ts";
import { checkWhole, invalidOption } from "../../core/engine/check-options.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { Principal } from "../../core/model/peer.ts";
import { checkName } from "./names.ts";
import { MAX_HISTORY } from "./options.ts";
import type { Variable } from "./variables.ts";

/** What holds for one variable, or for all whose names begin alike. */
export interface VariableDeclaration {
  /** What its values are; what does not fit is refused with `INVALID_ARGUMENT`. */
  readonly schema?: StandardSchema;
  /** What happens when two write. @default "last-write" */
  readonly rule?: ConflictRule;
  /** Who may read it. @default "proven" */
  readonly read?: Policy;
  /** Who may write and delete it. @default "proven" */
  readonly write?: Policy;
  /** Versions before the present one that are kept. @default 0 */
  readonly history?: number;
}

/**
 * - `last-write`: what comes last stays, unless its writer names the version it expects
 * - `compare-and-set`: every writer names the version it expects
 * - `counter`: a number that is added to; setting it needs the expected version
 * - `merge`: what is written is merged into what is there; where nothing is, `first` makes the value
 *   of it, or it is the value as it is
 */
export type ConflictRule =
  | "last-write"
  | "compare-and-set"
  | "counter"
  | { readonly merge: Merge; readonly first?: (written: unknown) => unknown };

/** Makes one value of the present one and the one that was written; answers at once. */
export type Merge = (present: unknown, written: unknown) => unknown;

/**
 * - `everyone`: also who has proven nothing (reading alone)
 * - `proven`: whoever has proven who it is
 * - `nobody`: no client, the server alone
 * - `owner`: who made the variable; anybody proven may make it
 * - a list: who has all these scopes
 * - a function: for whom it says yes
 */
export type Policy =
  | "everyone"
  | "proven"
  | "nobody"
  | "owner"
  | readonly string[]
  | ((principal: Principal, name: string) => boolean);

/** The rules of a server for its variables. */
export class Declarations {
  readonly #exact = new Map<string, VariableDeclaration>();
  #prefixes: readonly (readonly [prefix: string, declaration: VariableDeclaration])[] = [];
  readonly #undeclared: VariableDeclaration | undefined;

  /** @throws `INVALID_ARGUMENT` for a name or a rule that makes no sense */
  constructor(
    declared: Readonly<Record<string, VariableDeclaration>>,
    undeclared: "allow" | "refuse",
  ) {
    for (const [name, declaration] of Object.entries(declared)) this.add(name, declaration);
    this.#undeclared = undeclared === "allow" ? UNDECLARED : undefined;
  }

  /** One more, or another for the same name. @throws as the constructor */
  add(name: string, declaration: VariableDeclaration): void {
    checkDeclaration(name, declaration);
    if (!name.endsWith("*")) {
      this.#exact.set(name, declaration);
      return;
    }
    const prefix = name.slice(0, -1);
    const others = this.#prefixes.filter(([other]) => other !== prefix);
    // The longest prefix says most.
    this.#prefixes = [...others, [prefix, declaration] as const].sort(
      ([a], [b]) => b.length - a.length,
    );
  }

  /** What holds for this name; `undefined` for one that may not be made. */
  find(name: string): VariableDeclaration | undefined {
    const exact = this.#exact.get(name);
    if (exact) return exact;
    const found = this.#prefixes.find(([prefix]) => name.startsWith(prefix));
    return found ? found[1] : this.#undeclared;
  }

  /** Whether some variable is for everyone to read. */
  get anyForEveryone(): boolean {
    const all = [...this.#exact.values(), ...this.#prefixes.map(([, declared]) => declared)];
    return all.some(({ read }) => read === "everyone");
  }
}

const UNDECLARED: VariableDeclaration = Object.freeze({});

function checkDeclaration(name: string, { rule, history = 0, read, write }: VariableDeclaration) {
  if (name !== "*") checkName(name);
  checkWhole(`history of ${name}`, history, 0, MAX_HISTORY);
  checkRule(name, rule);
  checkPolicy(`read of ${name}`, read);
  checkPolicy(`write of ${name}`, write);
  if (write === "everyone") {
    throw invalidOption(`write of ${name}`, write, "everything else: who writes proves who it is");
  }
}

function checkRule(name: string, rule: ConflictRule | undefined): void {
  if (rule === undefined || (typeof rule === "string" && RULES.has(rule))) return;
  if (typeof rule === "object" && typeof rule.merge === "function") return;
  throw invalidOption(`rule of ${name}`, rule, `${[...RULES].join(", ")} or { merge: function }`);
}

const RULES: ReadonlySet<string> = new Set(["last-write", "compare-and-set", "counter"]);

function checkPolicy(name: string, policy: Policy | undefined): void {
  if (policy === undefined || typeof policy === "function" || Array.isArray(policy)) return;
  if (typeof policy === "string" && POLICIES.has(policy)) return;
  throw invalidOption(name, policy, `${[...POLICIES].join(", ")}, a list of scopes or a function`);
}

const POLICIES: ReadonlySet<string> = new Set(["everyone", "proven", "nobody", "owner"]);

/** Whether this policy says yes. */
export function permits(
  policy: Policy = "proven",
  principal: Principal | undefined,
  name: string,
  present: Variable | undefined,
): boolean {
  if (policy === "everyone") return true;
  if (!principal || policy === "nobody") return false;
  if (policy === "proven") return true;
  if (policy === "owner") return !present || present.owner === principal.id;
  if (typeof policy === "function") return policy(principal, name) === true;
  return policy.every((scope) => principal.scopes.has(scope));
}

/** The refusal of a name that nobody declared. */
export function undeclared(name: string): SealwireError {
  const message = `there is no shared variable ${name}, and this server makes no new ones`;
  return new SealwireError("NOT_FOUND", message);
}
