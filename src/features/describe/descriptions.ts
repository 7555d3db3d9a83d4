import type { ProcedureOptions } from "../../core/contracts/feature.ts";
import type { StandardSchema } from "../../core/contracts/schema.ts";
import { isFields } from "../../core/engine/fields.ts";

/** A procedure in a list. */
export interface ProcedureSummary {
  readonly name: string;
  readonly description?: string;
  readonly public: boolean;
  readonly scopes: readonly string[];
  /** The names of declared parameters, in the order that binds positional arguments. */
  readonly params?: readonly string[];
}

/** Everything that is said of one procedure. */
export interface ProcedureDescription extends Omit<ProcedureSummary, "params"> {
  readonly params?: readonly ({ readonly name: string } & ValueDescription)[];
  readonly result?: ValueDescription;
  readonly timeoutMs?: number;
}

/** What a value looks like: as JSON Schema if the library can tell, else only by whom it is checked. */
export interface ValueDescription {
  /** JSON Schema, draft 2020-12. */
  readonly schema?: Readonly<Record<string, unknown>>;
  /** The schema library. */
  readonly vendor: string;
}

/** One line of a list. */
export function summaryOf(name: string, options: ProcedureOptions): ProcedureSummary {
  const { params } = options;
  return { ...headOf(name, options), ...(params && { params: Object.keys(params) }) };
}

/** All about one procedure. */
export function descriptionOf(name: string, options: ProcedureOptions): ProcedureDescription {
  const { params, result, timeoutMs } = options;
  return {
    ...headOf(name, options),
    ...(params && {
      params: Object.entries(params).map(([param, schema]) => ({
        name: param,
        ...valueAs(schema, "input"),
      })),
    }),
    ...(result && { result: valueAs(result, "output") }),
    ...(timeoutMs !== undefined && { timeoutMs }),
  };
}

function headOf(name: string, options: ProcedureOptions): Omit<ProcedureSummary, "params"> {
  const { description, scopes = [] } = options;
  return {
    name,
    ...(description !== undefined && { description }),
    public: options.public ?? false,
    scopes: [...scopes],
  };
}

function valueAs(schema: StandardSchema, side: "input" | "output"): ValueDescription {
  const standard: Readonly<Record<string, unknown>> = schema["~standard"];
  const { vendor } = schema["~standard"];
  const written = jsonSchemaOf(standard["jsonSchema"], side);
  return written === undefined ? { vendor } : { vendor, schema: written };
}

/**
 * Asks by Standard JSON Schema, version 1 (standardschema.dev/json-schema): `input` and `output`
 * are functions that may throw where JSON Schema has no words for a check.
 */
function jsonSchemaOf(
  converter: unknown,
  side: "input" | "output",
): Readonly<Record<string, unknown>> | undefined {
  if (!isFields(converter)) return undefined;
  const convert = converter[side];
  if (typeof convert !== "function") return undefined;
  try {
    const written: unknown = convert.call(converter, { target: "draft-2020-12" });
    return isFields(written) ? plain(written) : undefined;
  } catch {
    return undefined;
  }
}

/** What a library wrote, without anything that JSON has not, as it shall cross any wire. */
function plain(written: object): Readonly<Record<string, unknown>> | undefined {
  const copied: unknown = JSON.parse(JSON.stringify(written));
  return isFields(copied) ? copied : undefined;
}
