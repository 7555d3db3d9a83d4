import type { Draft, LedgerChange } from "./ledger.ts";
import type { Variable, Variables } from "./variables.ts";

/** A draft that changes nothing by itself: what it would change is added to the list. */
export function draftOver(kept: Variables, floor: number, changes: LedgerChange[]): Draft {
  const drafted = new Map<string, Variable | undefined>();
  let top = floor;
  const find = (name: string) => (drafted.has(name) ? drafted.get(name) : kept.find(name));
  const nextVersion = (name: string) => (find(name)?.version ?? top) + 1;
  return {
    find,
    nextVersion,
    put(name, variable) {
      kept.check(name, variable);
      const previous = find(name);
      drafted.set(name, variable);
      const { version } = variable;
      changes.push({ name, version, variable, ...(previous && { previous }) });
    },
    delete(name) {
      const previous = find(name);
      if (!previous) return;
      const version = nextVersion(name);
      drafted.set(name, undefined);
      top = Math.max(top, version);
      changes.push({ name, version, previous });
    },
  };
}
