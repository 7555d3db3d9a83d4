import type { Host, ProcedureOptions } from "../../core/contracts/feature.ts";
import { bindNamed, type NamedHandler } from "../../core/engine/bind.ts";
import type { Wanted } from "../../core/engine/change-feed.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { ClientAccess } from "./client-access.ts";
import {
  AMOUNT,
  CURSOR,
  NAME,
  NAME_OR_NOTHING,
  PREFIX,
  VALUE,
  VERSION,
  VERSION_OR_NOTHING,
  YES_OR_NO,
} from "./params.ts";

/** What clients may ask; `open`: also those who have proven nothing, for what is for everyone. */
export function addProcedures(host: Host, state: ClientAccess, open: boolean): void {
  const add = (name: string, options: ProcedureOptions, handler: NamedHandler): void => {
    const { params = {} } = options;
    host.procedure(name, { ...options, params }, bindNamed(params, handler));
  };
  addReading((name, options, handler) => add(name, { ...options, public: open }, handler), state);
  addWriting(add, state);
}

type Add = (name: string, options: ProcedureOptions, handler: NamedHandler) => void;

function addReading(add: Add, state: ClientAccess): void {
  add("$state.get", { description: GET, params: { name: NAME } }, ({ name }, call) => {
    return state.read(call, String(name))?.value;
  });
  add("$state.entry", { description: ENTRY, params: { name: NAME } }, ({ name }, call) => {
    const found = state.read(call, String(name));
    return found && { value: found.value, version: found.version, at: found.at };
  });
  add("$state.history", { description: HISTORY, params: { name: NAME } }, ({ name }, call) => {
    return state.history(call, String(name));
  });
  add("$state.all", { description: ALL }, (_none, call) => state.all(call));
  const watched = { name: NAME_OR_NOTHING, prefix: PREFIX, after: CURSOR, packed: YES_OR_NO };
  add("$state.watch", { description: WATCH, params: watched }, (asked, call) => {
    const after = typeof asked["after"] === "string" ? asked["after"] : undefined;
    const packed = asked["packed"] === true;
    return state.watch(call, { wanted: wantedBy(asked["name"], asked["prefix"]), after, packed });
  });
}

function addWriting(add: Add, state: ClientAccess): void {
  const pair = { name: NAME, value: VALUE };
  add("$state.put", { description: PUT, params: pair }, async ({ name, value }, call) => {
    await state.write(call, { kind: "set", name: String(name), value });
    return true;
  });
  const triple = { ...pair, expected: VERSION };
  add("$state.cas", { description: CAS, params: triple }, async (asked, call) => {
    const { name, value, expected } = asked;
    const operation = {
      kind: "set",
      name: String(name),
      value,
      expected: Number(expected),
    } as const;
    return (await state.write(call, operation))?.version;
  });
  const sum = { name: NAME, amount: AMOUNT };
  add("$state.add", { description: ADD, params: sum }, async ({ name, amount }, call) => {
    const by = typeof amount === "number" ? amount : 1;
    const after = await state.write(call, { kind: "add", name: String(name), amount: by });
    return after && { value: after.value, version: after.version };
  });
  const gone = { name: NAME, expected: VERSION_OR_NOTHING };
  add("$state.delete", { description: DELETE, params: gone }, ({ name, expected }, call) => {
    const version = typeof expected === "number" ? { expected } : {};
    return state.remove(call, { kind: "delete", name: String(name), ...version });
  });
}

/** @throws `INVALID_ARGUMENT` for both */
function wantedBy(name: unknown, prefix: unknown): Wanted {
  if (typeof name === "string" && typeof prefix === "string") {
    const message = "a watch wants the name of a variable or a prefix of names, not both";
    throw new SealwireError("INVALID_ARGUMENT", message);
  }
  if (typeof name === "string") return { key: name };
  return { prefix: typeof prefix === "string" ? prefix : "" };
}

const PUT = "Sets a shared variable: (name, value).";
const CAS = "Sets a shared variable that has a version: (name, value, expected). The new version.";
const ADD = "Adds to a shared variable: (name, amount). The new value and version.";
const GET = "The value of a shared variable: (name).";
const ENTRY = "The value of a shared variable with version and time: (name).";
const HISTORY = "The versions of a shared variable that are kept, the oldest first: (name).";
const DELETE = "Deletes a shared variable: (name, expected version).";
const ALL = "All shared variables, as pairs of name and value.";
const WATCH =
  "A stream of shared variables: their values, `ready`, then every change. " +
  "(name, prefix, after, packed): one by its name or those that begin with a prefix; " +
  "`after` goes on from the cursor of an item; `packed`: of large values what changes in them.";
