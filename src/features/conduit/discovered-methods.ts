import { fieldsOf } from "../../core/engine/fields.ts";
import { SealwireError } from "../../core/model/errors.ts";

/** A method that can be called, as the server tells of it. */
export interface DiscoveredMethod {
  readonly name: string;
  readonly description: string;
  /** Parameter → its type in the words of JSON Schema; `"any"` where nothing is told of it. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly returnType: string;
  readonly requiresAuth: boolean;
}

/**
 * The methods in the answer of `$describe` or `$list`, which the dialect asks and reads by
 * `listall` where the server is one of netconduit.
 *
 * @throws `PROTOCOL_VIOLATION` for an answer that is no list
 */
export function methodsFrom(answer: unknown): readonly DiscoveredMethod[] {
  if (Array.isArray(answer)) return answer.map(methodFrom);
  const message = "the server's answer is no list of methods; does it install describe()?";
  throw new SealwireError("PROTOCOL_VIOLATION", message);
}

function methodFrom(value: unknown): DiscoveredMethod {
  const { name, description, params, result, public: open } = fieldsOf(value);
  return {
    name: String(name),
    description: typeof description === "string" ? description : "",
    parameters: Object.fromEntries(Array.isArray(params) ? params.map(parameterFrom) : []),
    returnType: typeOf(result),
    requiresAuth: open !== true,
  };
}

/** A list has names alone, a description types too. */
function parameterFrom(value: unknown): readonly [name: string, type: string] {
  return typeof value === "string"
    ? [value, ANY]
    : [String(fieldsOf(value)["name"]), typeOf(value)];
}

function typeOf(described: unknown): string {
  const { type } = fieldsOf(fieldsOf(described)["schema"]);
  return typeof type === "string" ? type : ANY;
}

const ANY = "any";
