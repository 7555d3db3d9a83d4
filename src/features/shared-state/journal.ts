import { msgpackCodec } from "../../codecs/msgpack.ts";
import type { Store, Write } from "../../core/contracts/store.ts";
import { weightOf } from "../../core/engine/weight.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { LedgerChange } from "./ledger.ts";
import { isName } from "./names.ts";
import type { Variable, VariableVersion } from "./variables.ts";

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

/** Variables lie below this, so that a store can keep other things as well. */
const VARIABLE = "state/v/";
/** The highest version of all that were deleted. */
const FLOOR = "state/floor";
/** Of the records; what knows only lower ones must not read them. */
const FORMAT = 1;

const CODEC = msgpackCodec();

/**
 * Keeps variables in a store that nobody else writes to.
 *
 * @throws `UNSUPPORTED` for a store without transactions
 */
export function storeJournal(store: Store): Journal {
  const { transact } = store;
  if (!transact) {
    const message = `shared variables need a store with transactions; ${store.description} has none`;
    throw new SealwireError("UNSUPPORTED", message);
  }
  return {
    load: () => load(store),
    async keep(changes) {
      const writes = writesOf(changes);
      if (writes.length > 0) await transact(writes);
    },
    check: (value) => void CODEC.encode(value),
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
  const raised = floor > 0 ? [{ key: FLOOR, value: CODEC.encode([FORMAT, floor]) }] : [];
  return [...last.values(), ...raised];
}

function formatRecord({ version, at, owner, value, history }: Variable): Uint8Array {
  const past = history.map((before) => [before.version, before.at, before.value]);
  return CODEC.encode([FORMAT, version, at, owner ?? null, value, past]);
}

function readRecord(name: string, bytes: Uint8Array): Variable {
  const [version, at, owner, value, past] = fieldsOf(`the shared variable ${name}`, bytes);
  const history = Array.isArray(past) ? past.map((each) => versionFrom(name, each)) : [];
  const isOwner = typeof owner === "string" || typeof owner === "number";
  if (!isName(name) || value === undefined) throw damaged(`the shared variable ${name}`);
  const pastBytes = history.reduce((sum, before) => sum + weightOf(before.value), 0);
  return {
    ...versionFrom(name, [version, at, value]),
    history,
    bytes: name.length + weightOf(value) + pastBytes,
    ...(isOwner && { owner }),
  };
}

function versionFrom(name: string, fields: unknown): VariableVersion {
  const [version, at, value]: readonly unknown[] = Array.isArray(fields) ? fields : [];
  if (typeof version === "number" && typeof at === "number") return { version, at, value };
  throw damaged(`the shared variable ${name}`);
}

function readFloor(bytes: Uint8Array): number {
  const [floor] = fieldsOf("the version of deleted variables", bytes);
  if (typeof floor === "number") return floor;
  throw damaged("the version of deleted variables");
}

function fieldsOf(what: string, bytes: Uint8Array): readonly unknown[] {
  const record = CODEC.decode(bytes);
  const [format, ...fields]: readonly unknown[] = Array.isArray(record) ? record : [];
  if (format === FORMAT) return fields;
  if (typeof format !== "number" || format < FORMAT) throw damaged(what);
  const message = `${what} was written by a newer Sealwire (format ${format}, here ${FORMAT})`;
  throw new SealwireError("UNSUPPORTED", `${message}: use that one, or another folder`);
}

function damaged(what: string): SealwireError {
  const message = `${what} is damaged in the store: restore the store from a copy`;
  return new SealwireError("RECORD_REJECTED", message);
}
