import { expect, it } from "vitest";
import { servedState } from "../../../test/state/served-state.ts";
import type { StandardSchema } from "../../core/contracts/schema.ts";
import type { SharedStateOptions } from "./options.ts";

/** What a client may say that keeps to no rule of ours; and how the server answers in short. */
async function hostile(options: SharedStateOptions = {}) {
  const { pair, state } = await servedState(options);
  const says = async (procedure: string, ...args: readonly unknown[]): Promise<unknown> =>
    pair.client.call(procedure, args).catch((error: unknown) => Object(error).code);
  return { state, says };
}

/** How often each answer was given. */
function counted(answers: readonly unknown[]): ReadonlyMap<unknown, number> {
  const counts = new Map<unknown, number>();
  for (const answer of answers) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  return counts;
}

it("keeps no more than it may of a client that writes and writes", async () => {
  const { state, says } = await hostile({ maxBytes: 400_000, maxValueBytes: 200_000 });
  const many = "x".repeat(100_000);
  const answers: unknown[] = [];
  for (let i = 0; i < 40; i++) answers.push(await says("$state.put", `k${i}`, many));
  answers.push(await says("$state.put", "large", "x".repeat(210_000)));
  expect(counted(answers)).toEqual(
    new Map<unknown, number>([
      [true, 3],
      ["TOO_LARGE", 38],
    ]),
  );
  expect(state.all().size).toBe(3);
  expect(await says("$state.put", "k0", "small")).toBe(true);
});

it("keeps no more variables than it may of a client that makes ever new ones", async () => {
  const { state, says } = await hostile({ maxVariables: 100 });
  const names = Array.from({ length: 2_000 }, (_, i) => `k${i}`);
  const answers = await Promise.all(names.map((name) => says("$state.put", name, 1)));
  expect(counted(answers)).toEqual(
    new Map<unknown, number>([
      [true, 100],
      ["TOO_LARGE", 1_900],
    ]),
  );
  expect(state.all().size).toBe(100);
});

it("takes __proto__ for a name like others, and pollutes nothing", async () => {
  const { state, says } = await hostile();
  expect(await says("$state.put", "__proto__", { polluted: true })).toBe(true);
  expect(await says("$state.put", "constructor.prototype", { polluted: true })).toBe(true);
  expect(await says("$state.get", "__proto__")).toEqual({ polluted: true });
  const crafted: unknown = JSON.parse('{"__proto__":{"polluted":true}}');
  expect(await says("$state.put", "x", crafted)).toBe("INVALID_ARGUMENT");
  expect(Reflect.get({}, "polluted")).toBeUndefined();
  expect([...state.all().keys()]).toEqual(["__proto__", "constructor.prototype"]);
});

it.each([
  ["\u0000", "INVALID_ARGUMENT"],
  ["a\u001b[2J", "INVALID_ARGUMENT"],
  ["a\r\nb", "INVALID_ARGUMENT"],
  ["", "INVALID_ARGUMENT"],
  ["n".repeat(257), "INVALID_ARGUMENT"],
])("refuses the name %j in whatever is asked", async (name, expected) => {
  const { state, says } = await hostile();
  const answers = [
    await says("$state.put", name, 1),
    await says("$state.cas", name, 1, 0),
    await says("$state.add", name, 1),
    await says("$state.delete", name),
    await says("$state.get", name),
  ];
  expect(new Set(answers)).toEqual(new Set([expected]));
  expect(state.all().size).toBe(0);
});

it("refuses stale versions, versions that are none, and values against the schema", async () => {
  const even: StandardSchema = {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: (value) =>
        typeof value === "number" && value % 2 === 0
          ? { value }
          : { issues: [{ message: "wants an even number" }] },
    },
  };
  const { state, says } = await hostile({ declare: { even: { schema: even } } });
  await state.set("x", "new");
  await state.set("x", "newer");
  for (const expected of [0, 1, 3]) {
    expect(await says("$state.cas", "x", "stale", expected)).toBe("CONFLICT");
  }
  for (const expected of [-1, 0.5, Number.NaN, "2", 2 ** 60]) {
    expect(await says("$state.cas", "x", "stale", expected)).toBe("INVALID_ARGUMENT");
  }
  expect(await says("$state.put", "even", 3)).toBe("INVALID_ARGUMENT");
  expect(await says("$state.add", "even", 1)).toBe("INVALID_ARGUMENT");
  expect(await says("$state.put", "even", { valueOf: "4" })).toBe("INVALID_ARGUMENT");
  expect([...state.all()]).toEqual([["x", "newer"]]);
});

it("counts versions on when the clock is set back", async () => {
  let now = 2_000_000;
  const { state, says } = await hostile({ now: () => now, declare: { x: { history: 5 } } });
  await state.set("x", "before");
  now = 1_000_000;
  const watch = state.watch("x");
  await watch.next();
  expect(await says("$state.cas", "x", "after", 1)).toBe(2);
  expect((await watch.next()).value).toMatchObject({ value: "after", version: 2 });
  expect(state.history("x")).toEqual([
    { value: "before", version: 1, at: 2_000_000 },
    { value: "after", version: 2, at: 1_000_000 },
  ]);
  await watch.return(undefined);
});
