import { describe, expect, test } from "vitest";
import { ADDRESS, makeWorld, turns } from "../../test/simulated/world.ts";
import { worldsOfTest } from "../../test/simulated/worlds.ts";
import { SealwireError } from "../core/model/errors.ts";
import { manualClock } from "../testing/manual-clock.ts";

const PUBLIC = { public: true };

const open = worldsOfTest();

describe("when a server closes", () => {
  test("running handlers finish, and their clients learn it first", async () => {
    const world = await open();
    let finish: (value: string) => void = () => {};
    const finished = new Promise<string>((resolve) => {
      finish = resolve;
    });
    world.server.procedure("long", PUBLIC, () => finished);
    const client = await world.connect();
    const states: string[] = [];
    client.onState((state) => states.push(state));
    const long = client.call("long");
    await turns();
    const closing = world.server.close({ drainMs: 5_000 });
    await turns();
    expect(states).toEqual(["closed"]);
    finish("done");
    expect(await long).toBe("done");
    await closing;
  });

  test("a handler that never ends is waited for only so long", async () => {
    const clock = manualClock();
    const world = await open({ clock });
    world.server.procedure("endless", PUBLIC, async function* () {
      for (;;) {
        yield 1;
        await turns(1);
      }
    });
    const client = await world.connect();
    const reading = expect(collect(client.stream("endless"))).rejects.toMatchObject({
      code: "UNAVAILABLE",
    });
    await turns();
    const closing = world.server.close({ drainMs: 1_000 });
    await turns();
    clock.advance(1_000);
    await Promise.all([closing, reading]);
  });

  test("those who still greet are let go", async () => {
    const world = await open();
    const channel = await world.transport.connect(new URL(ADDRESS), { signal: neverAborted() });
    await turns();
    await world.server.close();
    expect(await channel[Symbol.asyncIterator]().next()).toMatchObject({ done: true });
  });
});

describe("limits", () => {
  test("more connections than allowed are closed, and a place given free is a place", async () => {
    const world = await open({ maxConnections: 2 });
    const [one] = [await world.connect(), await world.connect()];
    await expect(world.connect()).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await one.close();
    await turns();
    const third = await world.connect();
    expect(third.state).toBe("open");
  });

  test("more connections from one address than allowed are closed", async () => {
    const world = await open({ maxConnectionsPerAddress: 1 });
    await world.connect();
    await expect(world.connect()).rejects.toBeInstanceOf(SealwireError);
    expect(world.lines.some(({ message }) => message.startsWith("too many"))).toBe(true);
  });

  test("a greeting that never ends is ended, and its place given free", async () => {
    const clock = manualClock();
    const world = await open({ clock, maxConnections: 1 });
    const silent = await world.transport.connect(new URL(ADDRESS), { signal: neverAborted() });
    await turns();
    await expect(world.connect()).rejects.toBeInstanceOf(SealwireError);
    clock.advance(10_000);
    await turns();
    await expect(silent[Symbol.asyncIterator]().next()).rejects.toBeInstanceOf(SealwireError);
    expect((await world.connect()).state).toBe("open");
    expect(world.lines.some(({ fields }) => fields["code"] === "DEADLINE_EXCEEDED")).toBe(true);
  });

  test("an option that makes no sense is named", async () => {
    await expect(makeWorld({ maxConnections: 0 })).rejects.toThrow(/maxConnections is 0/);
  });
});

test("a logger that throws changes nothing", async () => {
  const failing = () => {
    throw new Error("disk full");
  };
  const logger = { debug: failing, info: failing, warn: failing, error: failing };
  const world = await open({ logger });
  world.server.expose({ boom: () => Promise.reject(new Error("x")), one: () => 1 }, PUBLIC);
  const client = await world.connect();
  await expect(client.call("boom")).rejects.toMatchObject({ code: "INTERNAL" });
  expect(await client.call("one")).toBe(1);
});

function neverAborted(): AbortSignal {
  return new AbortController().signal;
}

async function collect(items: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const item of items) all.push(item);
  return all;
}
