import { checkWhole, checkWord, invalidOption } from "../../core/engine/check-options.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { Peer, Principal } from "../../core/model/peer.ts";
import { checkName } from "./names.ts";

/** What holds for one room, or for all whose names begin alike. */
export interface RoomRules {
  /** Who may join it. @default "proven" */
  readonly join?: RoomPolicy;
  /** Which of its members may emit and ask. @default "everyone" */
  readonly emit?: RoomPolicy;
  /** Members of such a room. @default the option `maxMembers` */
  readonly maxMembers?: number;
}

/**
 * - `everyone`: also who has proven nothing
 * - `proven`: whoever has proven who it is
 * - `nobody`: no client, the server alone
 * - a list: who has all these scopes
 * - a function: for which it says yes
 */
export type RoomPolicy =
  | "everyone"
  | "proven"
  | "nobody"
  | readonly string[]
  | ((asked: RoomRequest) => boolean | Promise<boolean>);

/** What somebody wants of a room. */
export interface RoomRequest {
  readonly room: string;
  readonly peer: Peer;
  readonly principal: Principal | undefined;
  /** The event, where it is about one. */
  readonly name?: string;
  /** Of the event; or, for joining, what the member says of itself. */
  readonly data: unknown;
}

/** The rules of a server for its rooms. */
export class RuleBook {
  readonly #exact = new Map<string, RoomRules>();
  readonly #prefixes: readonly (readonly [prefix: string, rules: RoomRules])[];
  readonly #undeclared: RoomRules | undefined;

  /** @throws `INVALID_ARGUMENT` for a name or a rule that makes no sense */
  constructor(declared: Readonly<Record<string, RoomRules>>, undeclared: "allow" | "refuse") {
    checkWord("undeclared", undeclared, ["allow", "refuse"]);
    const prefixes: (readonly [string, RoomRules])[] = [];
    for (const [name, rules] of Object.entries(declared)) {
      checkRules(name, rules);
      if (name.endsWith("*")) prefixes.push([name.slice(0, -1), rules]);
      else this.#exact.set(name, rules);
    }
    // The longest prefix says most.
    this.#prefixes = prefixes.sort(([a], [b]) => b.length - a.length);
    this.#undeclared = undeclared === "allow" ? UNDECLARED : undefined;
  }

  /** What holds for this name. @throws `NOT_FOUND` for a room that may not be opened */
  find(name: string): RoomRules {
    const exact = this.#exact.get(name);
    if (exact) return exact;
    const [, rules = this.#undeclared] =
      this.#prefixes.find(([prefix]) => name.startsWith(prefix)) ?? [];
    if (rules) return rules;
    const message = `there is no room ${name}, and this server lets nobody open new ones`;
    throw new SealwireError("NOT_FOUND", message);
  }

  /** Whether some room is for those who have proven nothing. */
  get anyForEveryone(): boolean {
    const all = [...this.#exact.values(), ...this.#prefixes.map(([, rules]) => rules)];
    return all.some(({ join }) => join === "everyone" || typeof join === "function");
  }
}

const UNDECLARED: RoomRules = Object.freeze({});

/** @throws `UNAUTHENTICATED` or `PERMISSION_DENIED` when the policy says no */
export async function checkPolicy(
  policy: RoomPolicy,
  act: string,
  asked: RoomRequest,
): Promise<void> {
  if (policy === "everyone") return;
  if (typeof policy === "function") {
    if ((await policy(asked)) === true) return;
  } else if (!asked.principal) {
    const message = `to ${act} the room ${asked.room} prove who you are`;
    throw new SealwireError("UNAUTHENTICATED", message);
  } else if (policy === "proven" || (policy !== "nobody" && hasAll(asked.principal, policy))) {
    return;
  }
  throw new SealwireError("PERMISSION_DENIED", `you may not ${act} the room ${asked.room}`);
}

function hasAll(principal: Principal, scopes: readonly string[]): boolean {
  return scopes.every((scope) => principal.scopes.has(scope));
}

function checkRules(name: string, { join, emit, maxMembers }: RoomRules): void {
  if (name !== "*") checkName("a room", name);
  checkPolicyOption(`join of ${name}`, join);
  checkPolicyOption(`emit of ${name}`, emit);
  if (maxMembers !== undefined) checkWhole(`maxMembers of ${name}`, maxMembers);
}

function checkPolicyOption(name: string, policy: RoomPolicy | undefined): void {
  if (policy === undefined || typeof policy === "function" || Array.isArray(policy)) return;
  if (typeof policy === "string" && WORDS.includes(policy)) return;
  throw invalidOption(name, policy, `${WORDS.join(", ")}, a list of scopes or a function`);
}

const WORDS: readonly string[] = ["everyone", "proven", "nobody"];
