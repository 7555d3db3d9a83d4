import { msgpackCodec } from "../../codecs/msgpack.ts";
import { weightOf } from "../../core/engine/weight.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { isName } from "./names.ts";
import type { Variable, VariableVersion } from "./variables.ts";

/** Everything of shared variables lies below this, so that a store can keep other things as well. */
export const STATE = "state/";
/** Before the names of variables. */
export const VARIABLE = "state/v/";
/** The highest version of all that were deleted. */
export const FLOOR = "state/floor";
/** Of the records; what knows only lower ones must not read them. */
const FORMAT = 1;

const CODEC = msgpackCodec();

/** A variable as bytes. @throws `INVALID_ARGUMENT`, `TOO_LARGE` for what cannot be kept */
export function formatRecord({ version, at, owner, value, history }: Variable): Uint8Array {
  const past = history.map((before) => [before.version, before.at, before.value]);
  return CODEC.encode([FORMAT, version, at, owner ?? null, value, past]);
}

/** The reverse. @throws `UNSUPPORTED` for what a newer version wrote, `RECORD_REJECTED` for damage */
export function readRecord(name: string, bytes: Uint8Array): Variable {
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

/** The version of which all that were deleted are below or at it. */
export function formatFloor(floor: number): Uint8Array {
  return CODEC.encode([FORMAT, floor]);
}

/** The reverse. @throws as `readRecord` */
export function readFloor(bytes: Uint8Array): number {
  const [floor] = fieldsOf("the version of deleted variables", bytes);
  if (typeof floor === "number") return floor;
  throw damaged("the version of deleted variables");
}

/** @throws `INVALID_ARGUMENT`, `TOO_LARGE` for a value that no record could hold */
export function checkKeepable(value: unknown): void {
  // These always can, and are what changes most often.
  if (typeof value !== "number" && typeof value !== "boolean") CODEC.encodeShared(value);
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
