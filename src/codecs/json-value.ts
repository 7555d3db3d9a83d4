import { SealwireError } from "../core/model/errors.ts";

interface Walk {
  readonly maxDepth: number;
  readonly maxItems: number;
  items: number;
}

/**
 * Looks at a value before it becomes JSON text.
 *
 * @throws `INVALID_ARGUMENT` for what JSON would lose or change, for cycles and `__proto__` keys,
 * `TOO_LARGE` for too many values.
 */
export function requireJson(
  value: unknown,
  limits: { readonly maxDepth: number; readonly maxItems: number },
): void {
  const { maxDepth, maxItems } = limits;
  walk(value, 0, { maxDepth, maxItems, items: 0 });
}

function walk(value: unknown, depth: number, state: Walk): void {
  if (++state.items > state.maxItems) {
    throw new SealwireError(
      "TOO_LARGE",
      `the value has more than ${state.maxItems} parts; send it in pieces`,
    );
  }
  switch (typeof value) {
    case "string":
    case "boolean":
    case "undefined":
      return;
    case "number":
      if (!Number.isFinite(value)) throw unfit(String(value));
      return;
    case "object":
      if (value !== null) container(value, depth + 1, state);
      return;
    default:
      throw unfit(typeof value);
  }
}

function container(value: object, depth: number, state: Walk): void {
  if (depth > state.maxDepth) {
    throw new SealwireError(
      "INVALID_ARGUMENT",
      `the value is nested deeper than ${state.maxDepth} levels or contains itself`,
    );
  }
  if (Array.isArray(value)) {
    for (const item of value) walk(item, depth, state);
  } else if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw unfit("an invalid Date");
  } else {
    plainObject(value, depth, state);
  }
}

function plainObject(value: object, depth: number, state: Walk): void {
  const prototype: unknown = Object.getPrototypeOf(value);
  // The prototype of a plain object of another realm is not ours, but has none above it either.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) throw unfit("a class");
  for (const [key, item] of Object.entries(value)) {
    if (key === "__proto__") throw unfit("the key __proto__");
    // With a function under this name JSON.stringify would write something never looked at.
    if (key === "toJSON" && typeof item === "function") throw unfit("toJSON");
    walk(item, depth, state);
  }
}

function unfit(what: string): SealwireError {
  return new SealwireError("INVALID_ARGUMENT", `JSON cannot carry ${what}; send a plain value`);
}
