import fc from "fast-check";
import { SealwireError } from "../../src/core/model/errors.ts";

/** The code with which something is refused. */
export function refusal(action: () => unknown): string {
  try {
    action();
  } catch (thrown) {
    return thrown instanceof SealwireError ? thrown.code : `not coded: ${String(thrown)}`;
  }
  return "accepted";
}

/** Bytes, written out. */
export function bytes(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values);
}

/** Arrays within each other. */
export function nested(depth: number): unknown {
  let value: unknown = [];
  for (let i = 1; i < depth; i++) value = [value];
  return value;
}

const scalars: fc.Arbitrary<unknown> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.double().map((number) => (Object.is(number, -0) ? 0 : number)),
  fc.maxSafeInteger(),
  fc.string({ unit: "grapheme", maxLength: 300 }),
  fc.bigInt(),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ maxLength: 300 }),
);

const keys = fc.string({ maxLength: 40 }).filter((key) => key !== "__proto__");

/** Any value of the kinds that travel. */
export const values: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", maxDepth: 5 },
    scalars,
    fc.array(tie("value"), { maxLength: 20 }),
    fc
      .array(fc.tuple(keys, tie("value")), { maxLength: 20 })
      .map((entries) => Object.fromEntries(entries)),
    fc.array(fc.tuple(tie("value"), tie("value")), { maxLength: 5 }).map((e) => new Map(e)),
    fc.array(tie("value"), { maxLength: 5 }).map((items) => new Set(items)),
  ),
})).value;
