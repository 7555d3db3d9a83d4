import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeWorld, type World } from "../../../test/simulated/world.ts";
import type { Client } from "../../client/client.ts";
import { manualClock } from "../../testing/manual-clock.ts";
import type { Call } from "../model/call.ts";
import { type ErrorCode, SealwireError } from "../model/errors.ts";

const clock = manualClock(5_000_000);
const PUBLIC = { public: true };
let world: World;
let client: Client;

beforeEach(async () => {
  world = await makeWorld({ clock, maxWaitingBytes: 10_000 });
  client = await world.connect();
});
afterEach(() => world.close());

function serve(name: string, handler: (call: Call) => unknown): void {
  world.server.procedure(name, PUBLIC, handler);
}

describe("an error", () => {
  test("of Sealwire's own kind travels with code, message and details", async () => {
    serve("refuse", () => {
      throw new SealwireError("CONFLICT", "version 3 is older", { details: { version: 4 } });
    });
    const error = await client.call("refuse").catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SealwireError);
    expect(error).toMatchObject({ code: "CONFLICT", details: { version: 4 } });
    expect(String(error)).toContain("version 3 is older");
  });

  test("of any other kind is told by a number alone, under which the log has the rest", async () => {
    serve("boom", async () => {
      throw new TypeError("password hunter2 is wrong");
    });
    const error = await client.call("boom").catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "INTERNAL" });
    expect(String(error)).not.toContain("hunter2");
    const [line] = world.lines.filter(({ level }) => level === "error");
    expect(String(error)).toContain(String(line?.fields["reference"]));
  });

  test("with a code that nobody knows here arrives as UNKNOWN", async () => {
    serve("odd", () => {
      throw new SealwireError("FROM_LATER" as ErrorCode, "a later version's");
    });
    await expect(client.call("odd")).rejects.toMatchObject({ code: "UNKNOWN" });
  });

  test("too large to be sent is told shortened, and others do not suffer", async () => {
    serve("long", () => {
      throw new SealwireError("CONFLICT", "x".repeat(20_000_000));
    });
    serve("fine", () => "fine");
    const [long, fine] = await Promise.allSettled([client.call("long"), client.call("fine")]);
    expect(fine).toMatchObject({ value: "fine" });
    expect(long).toMatchObject({ reason: { code: "CONFLICT" } });
  });

  test("meets the call alone whose arguments or result cannot travel", async () => {
    serve("echo", (call) => call.args.positional[0]);
    serve("make", () => () => 0);
    const calls = [client.call("echo", [() => 0]), client.call("make"), client.call("echo", [1])];
    const [first, second, third] = await Promise.allSettled(calls);
    expect(first).toMatchObject({ reason: { code: "INVALID_ARGUMENT" } });
    expect(second).toMatchObject({ reason: { code: "INTERNAL" } });
    expect(third).toMatchObject({ value: 1 });
  });
});

describe("names", () => {
  const NAMES = ["__proto__", "constructor", "toString", "then", "hasOwnProperty"];

  test.each(NAMES)(
    "such as %s are procedures when somebody registers them, else not",
    async (name) => {
      await expect(client.call(name)).rejects.toMatchObject({ code: "NOT_FOUND" });
      serve(name, () => "mine");
      expect(await client.call(name)).toBe("mine");
    },
  );

  test("that could change what an object is are refused as keys", async () => {
    serve("named", () => 0);
    const named: Record<string, unknown> = JSON.parse('{"__proto__":{"plain":2}}');
    const call = client.call("named", named);
    await expect(call).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  test.each(NAMES.slice(1))("such as %s are arguments and keys like others", async (name) => {
    serve("named", (call) => Object.entries(call.args.named));
    const named: unknown = JSON.parse(`{"${name}":1,"plain":2}`);
    const sent = await client.call("named", named as Record<string, unknown>);
    expect(sent).toEqual(expect.arrayContaining([["plain", 2]]));
    expect(({} as Record<string, unknown>)["plain"]).toBeUndefined();
  });

  test("that are huge are refused in a short sentence", async () => {
    const error = await client.call("x".repeat(100_000)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "NOT_FOUND" });
    expect(String(error).length).toBeLessThan(300);
  });
});
