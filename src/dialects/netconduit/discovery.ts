import { SealwireError } from "../../core/model/errors.ts";
import { isMap, textIn, type WireMap } from "./wire-map.ts";

/** The method that lists all others; it is not in its own list and hides one of its name. */
export const LISTALL = "listall";
/** What is asked of the server in its place: without a name it describes everything. */
export const DESCRIBE = "$describe";
/** The short form of the same. */
export const LIST = "$list";

/** What `$describe` without a name answers, as `listall` has it. */
export function formatListing(described: unknown): WireMap {
  const all = Array.isArray(described) ? described.filter(isMap) : [];
  const methods = all.filter(({ name }) => name !== LISTALL).map(methodOf);
  return { methods, count: methods.length };
}

function methodOf(described: WireMap): WireMap {
  const { name, description, params, result } = described;
  const named = Array.isArray(params) ? params.filter(isMap) : [];
  return {
    name,
    description: description ?? "",
    parameters: Object.fromEntries(named.map((each) => [String(each["name"]), pythonType(each)])),
    return_type: pythonType(result),
    requires_auth: described["public"] !== true,
  };
}

/** How Python calls the type in the JSON Schema of a value; `Any` where it has no single word. */
function pythonType(value: unknown): string {
  const schema = isMap(value) ? value["schema"] : undefined;
  const type = isMap(schema) ? schema["type"] : undefined;
  return PYTHON_TYPES.find(([json]) => json === type)?.[1] ?? ANY;
}

const ANY = "Any";
const PYTHON_TYPES: readonly (readonly [json: string, python: string])[] = [
  ["integer", "int"],
  ["number", "float"],
  ["string", "str"],
  ["boolean", "bool"],
  ["object", "dict"],
  ["array", "list"],
  ["null", "None"],
];

/** What a call that became `listall` asked for. */
export type Question =
  | { readonly asked: "list" }
  | { readonly asked: "describe"; readonly name?: unknown };

/** The question in a call of ours, where `listall` is how this wire asks it. */
export function questionOf(
  procedure: string,
  positional: readonly unknown[],
): Question | undefined {
  if (procedure === LIST) return { asked: "list" };
  if (procedure !== DESCRIBE) return undefined;
  return positional.length === 0
    ? { asked: "describe" }
    : { asked: "describe", name: positional[0] };
}

/**
 * The data of `listall` in the form in which every server of ours answers.
 *
 * @throws `NOT_FOUND` when the one that was asked for is not in the list
 */
export function parseListing(data: unknown, question: Question): unknown {
  const methods = isMap(data) ? data["methods"] : undefined;
  const all = Array.isArray(methods) ? methods.filter(isMap) : [];
  if (question.asked === "list") return all.map(summaryOf);
  if (!("name" in question)) return all.map(descriptionOf);
  const found = all.find(({ name }) => name === question.name);
  if (found) return descriptionOf(found);
  const message = `the server lists no procedure named ${JSON.stringify(question.name)}`;
  throw new SealwireError("NOT_FOUND", message);
}

function summaryOf(method: WireMap): WireMap {
  return { ...headOf(method), params: Object.keys(parametersOf(method)) };
}

function descriptionOf(method: WireMap): WireMap {
  return {
    ...headOf(method),
    params: Object.entries(parametersOf(method)).map(([name, type]) => ({
      name,
      ...wireValue(type),
    })),
    result: wireValue(method["return_type"]),
  };
}

function headOf(method: WireMap): WireMap {
  const description = textIn(method, "description");
  return {
    name: method["name"],
    ...(description !== undefined && { description }),
    public: method["requires_auth"] === false,
    scopes: [],
  };
}

function parametersOf({ parameters }: WireMap): WireMap {
  return isMap(parameters) ? parameters : {};
}

function wireValue(type: unknown): WireMap {
  const json = PYTHON_TYPES.find(([, python]) => python === type)?.[0];
  return { vendor: "netconduit", ...(json !== undefined && { schema: { type: json } }) };
}
