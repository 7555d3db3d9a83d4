import type { Store, Write } from "../../core/contracts/store.ts";
import type { LedgerChange } from "./ledger.ts";
import {
  checkKeepable,
  FLOOR,
  formatFloor,
  formatRecord,
  readFloor,
  readRecord,
  VARIABLE,
} from "./record.ts";
import type { Variable } from "./variables.ts";

/** Where changes are kept beyond the life of the process. */
export interface Journal {
  /** Everything that was kept. @throws `UNSUPPORTED` for what a newer version wrote */
  load(): Promise<Loaded>;
  /** All of them or none; one such call at a time. */
  keep(changes: readonly LedgerChange[]): Promise<void>;
  /** Refuses what could not be kept, before it is seen by anybody. @throws `INVALID_ARGUMENT` */
  check(value: unknown): void;
}

/** What was kept. */
export interface Loaded {
  readonly floor: number;
  readonly variables: ReadonlyMap<string, Variable>;
}

/** Keeps variables in a store that nobody else writes to. */
export function storeJournal(store: Store, transact: NonNullable<Store["transact"]>): Journal {
  return {
    load: () => load(store),
    async keep(changes) {
      const writes = writesOf(changes);
      if (writes.length > 0) await transact(writes);
    },
    check: checkKeepable,
  };
}

async function load(store: Store): Promise<Loaded> {
  const variables = new Map<string, Variable>();
  for await (const [key, { value }] of store.list(VARIABLE)) {
    const name = key.slice(VARIABLE.length);
    variables.set(name, readRecord(name, value));
  }
  const floor = await store.get(FLOOR);
  return { variables, floor: floor ? readFloor(floor.value) : 0 };
}

/** Of several changes of one variable the last is what is kept. */
function writesOf(changes: readonly LedgerChange[]): readonly Write[] {
  const last = new Map<string, Write>();
  let floor = 0;
  for (const { name, variable, version } of changes) {
    const key = VARIABLE + name;
    if (variable) last.set(name, { key, value: formatRecord(variable) });
    else last.set(name, { key });
    if (!variable) floor = Math.max(floor, version);
  }
  // A floor that is lower than the one before cannot be: versions begin above it.
  const raised = floor > 0 ? [{ key: FLOOR, value: formatFloor(floor) }] : [];
  return [...last.values(), ...raised];
}
