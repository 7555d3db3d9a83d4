import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { target } from "../../../test/native/intruder.ts";

const CALL = 0;
const CALL_WITH_MORE = 1;
const ITEM = 6;
const CREDIT = 8;

describe("names that mean something to JavaScript", () => {
  const NAMES = ["__proto__", "constructor", "toString", "then", "hasOwnProperty", ""];

  test.each(NAMES)("%j is no procedure, and the connection lives on", async (name) => {
    await using at = await target();
    const intruder = await at.enter();
    intruder.say(CALL, 1, name, []);
    const answer = await intruder.hear("error");
    expect(answer).toMatchObject({ id: 1, failure: { code: "NOT_FOUND" } });
    intruder.say(CALL, 3, "echo", [name]);
    expect(await intruder.hear("result")).toEqual({ kind: "result", id: 3, value: [name] });
  });

  test("are ordinary keys of arguments and of metadata", async () => {
    await using at = await target();
    const intruder = await at.enter();
    const named = Object.fromEntries(["constructor", "toString", "then"].map((key) => [key, 1]));
    const meta = Object.fromEntries(["constructor", "toString", "then"].map((key) => [key, "x"]));
    intruder.say(CALL_WITH_MORE, 1, "echo", [], named, meta, null, false);
    expect(await intruder.hear("result")).toEqual({ kind: "result", id: 1, value: [named] });
  });

  test("are events that nobody receives and subscriptions like others", async () => {
    await using at = await target();
    const intruder = await at.enter();
    for (const name of NAMES) intruder.say(9, name, null);
    intruder.say(CALL, 1, "echo", []);
    expect(await intruder.hear("result")).toMatchObject({ id: 1 });
  });
});

describe("messages for calls that do not exist", () => {
  test("fall without a word", async () => {
    await using at = await target();
    const intruder = await at.enter();
    intruder.say(
      2,
      2,
      "x",
      4,
      4,
      "UNKNOWN",
      "x",
      null,
      5,
      7,
      ITEM,
      9,
      1,
      7,
      11,
      CREDIT,
      13,
      2 ** 50,
    );
    intruder.say(CALL, 1, "echo", []);
    expect(await intruder.hear("result")).toMatchObject({ id: 1 });
    expect(at.endings).toEqual([]);
  });
});

test("any batch ends the session with a code or is answered, and others do not notice", async () => {
  const value = fc.oneof(
    fc.integer({ min: -1, max: 20 }),
    fc.constantFrom<unknown>(
      null,
      true,
      1,
      3,
      5,
      [],
      {},
      "echo",
      "never",
      "then",
      new Uint8Array(3),
    ),
  );
  await using at = await target();
  const witness = await at.enter();
  await fc.assert(
    fc.asyncProperty(fc.array(value, { maxLength: 24 }), async (values) => {
      const intruder = await at.enter();
      intruder.say(...values);
      intruder.say(CALL, 99_999, "echo", ["alive"], 14, null);
      intruder.write(new Uint8Array(4));
      await intruder.hear("goodbye");
    }),
    { numRuns: 100 },
  );
  witness.say(CALL, 1, "echo", ["still here"]);
  expect(await witness.hear("result")).toMatchObject({ value: ["still here"] });
  for (const code of at.endings) expect(code).toMatch(/^(PROTOCOL_VIOLATION|RECORD_REJECTED)$/);
});
