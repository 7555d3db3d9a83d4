import type { Feature, Host, ProcedureOptions } from "../../core/contracts/feature.ts";
import type { Call } from "../../core/model/call.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { Principal } from "../../core/model/peer.ts";
import { descriptionOf, type ProcedureSummary, summaryOf } from "./descriptions.ts";

/** How procedures are described. */
export interface DescribeOptions {
  /** Milliseconds since the epoch; for tests. @default Date.now */
  readonly now?: () => number;
}

/**
 * Answers `$list` and `$describe`: which procedures there are and what they take. Everybody may
 * ask and is told of those alone that he may call; whether others exist cannot be found out.
 * `$describe` without a name describes all of them, as some wires want it.
 */
export function describe(options: DescribeOptions = {}): Feature<void> {
  const { now = Date.now } = options;
  return (host) => {
    host.procedure("$list", { public: true, description: LIST }, ({ principal }) =>
      visibleTo(principal, host, now()).map(([name, each]) => summaryOf(name, each)),
    );
    host.procedure("$describe", { public: true, description: DESCRIBE }, (call) => {
      const visible = visibleTo(call.principal, host, now());
      if (asksForAll(call)) return visible.map(([name, each]) => descriptionOf(name, each));
      const name = nameFrom(call);
      const found = visible.find(([each]) => each === name);
      if (found) return descriptionOf(...found);
      throw new SealwireError("NOT_FOUND", `you may call no procedure named ${quoted(name)}`);
    });
  };
}

const LIST = "Lists the procedures that the caller may call.";
const DESCRIBE = "Describes one procedure: (name); without a name all that the caller may call.";

type Named = readonly [name: ProcedureSummary["name"], options: ProcedureOptions];

function visibleTo(principal: Principal | undefined, host: Host, now: number): readonly Named[] {
  return [...host.procedures()].filter(
    ([name, options]) => !name.startsWith("$") && mayCall(options, principal, now),
  );
}

function mayCall(
  options: ProcedureOptions,
  principal: Principal | undefined,
  now: number,
): boolean {
  if (options.public) return true;
  if (!principal || (principal.expiresAt !== undefined && principal.expiresAt <= now)) return false;
  return (options.scopes ?? []).every((scope) => principal.scopes.has(scope));
}

function asksForAll({ args }: Call): boolean {
  return args.positional.length === 0 && Object.keys(args.named).length === 0;
}

function nameFrom({ args }: Call): string {
  const [name = args.named["name"]] = args.positional;
  if (typeof name === "string") return name;
  throw new SealwireError("INVALID_ARGUMENT", "$describe takes the name of a procedure, a text");
}

function quoted(name: string): string {
  return JSON.stringify(name.length > 100 ? `${name.slice(0, 100)}…` : name);
}
