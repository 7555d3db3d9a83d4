import { describe, expect, test } from "vitest";
import { z } from "zod";
import { worldsOfTest } from "../../test/simulated/worlds.ts";
import type { ProcedureOptions } from "../core/contracts/feature.ts";
import type { Call } from "../core/model/call.ts";
import { bindLater } from "./bind-later.ts";

const worlds = worldsOfTest();

async function clientAndServersEnd() {
  const world = await worlds();
  const client = await world.connect();
  const [connection] = world.server.connections.values();
  if (!connection) throw new Error("nobody is connected");
  return { client, connection, log: world.lines };
}

describe("a procedure of a client with declared parameters", () => {
  test("takes them by position and by name, from its first call on", async () => {
    const { client, connection } = await clientAndServersEnd();
    const params = { a: z.number(), b: z.number().default(10) };
    client.procedure("add", { params }, ({ a, b }) => a + b);
    const calls = [connection.call("add", [1, 2]), connection.call("add", { b: 2, a: 3 })];
    expect(await Promise.all(calls)).toEqual([3, 5]);
    expect(await connection.call("add", [1])).toBe(11);
  });

  test("refuses what does not fit, and tells which", async () => {
    const { client, connection } = await clientAndServersEnd();
    let ran = false;
    client.procedure("add", { params: { a: z.number(), b: z.number() } }, () => {
      ran = true;
    });
    const told = (args: unknown[] | Record<string, unknown>) =>
      connection.call("add", args).catch(({ code, details }) => ({ code, details }));
    expect(await told(["1"])).toMatchObject({
      code: "INVALID_ARGUMENT",
      details: {
        errors: [
          { field: "a", type: "invalid_type", expected: "number", received: "string" },
          { field: "b", type: "missing" },
        ],
      },
    });
    expect(await told({ a: 1, b: 2, c: 3 })).toMatchObject({
      details: { errors: [{ field: "c", type: "unexpected" }] },
    });
    expect(await told([1, 2, 3])).toMatchObject({ details: { given: 3, takes: 2 } });
    expect(ran).toBe(false);
  });

  test("streams, throws and answers as others do", async () => {
    const { client, connection } = await clientAndServersEnd();
    const params = { upTo: z.number() };
    client.procedure("count", { params }, async function* ({ upTo }) {
      for (let i = 1; i <= upTo; i++) yield i;
    });
    client.procedure("boom", { params }, () => {
      throw new Error("a secret");
    });
    const counted: unknown[] = [];
    for await (const item of connection.stream("count", [3])) counted.push(item);
    expect(counted).toEqual([1, 2, 3]);
    const error = await connection.call("boom", [1]).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "INTERNAL" });
    expect(String(error)).not.toContain("a secret");
  });
});

test("a declared result is checked; one that does not fit is the client's own failure", async () => {
  const { client, connection } = await clientAndServersEnd();
  client.procedure("good", { result: z.string().transform((text) => text.length) }, () => "four");
  client.procedure("bad", { result: z.number() }, () => "a secret");
  expect(await connection.call("good")).toBe(4);
  const error = await connection.call("bad").catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "INTERNAL" });
  expect(String(error)).not.toContain("a secret");
});

test("a mistake in the declaration is told to whoever calls, and hits nobody else", async () => {
  const options: ProcedureOptions = { params: { a: 5 as never } };
  const handler = bindLater(options, () => 0);
  await expect(handler({} as Call)).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
    message: expect.stringContaining("a needs a Standard Schema"),
  });
});

test("without declarations nothing is loaded and the answer comes at once", () => {
  expect(bindLater({}, (call) => call)({ procedure: "p" } as Call)).toEqual({ procedure: "p" });
});
