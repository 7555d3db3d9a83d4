import { describe, expect, test } from "vitest";
import { turns, type World, type WorldOptions } from "../../test/simulated/world.ts";
import { listening, worldsOfTest } from "../../test/simulated/worlds.ts";
import type { Authenticator } from "../core/contracts/authenticator.ts";
import { ANONYMOUS, type Principal } from "../core/model/peer.ts";
import { manualClock } from "../testing/manual-clock.ts";

const make = worldsOfTest();

async function open(options?: WorldOptions): Promise<World> {
  const world = await make(options);
  world.server.event("tick", { public: true });
  return world;
}

test("a broadcast reaches those who watch, but none that are excluded or filtered out", async () => {
  const world = await open();
  const [one, two, three] = [
    await listening(world),
    await listening(world),
    await listening(world),
  ];
  await world.connect();
  const [first, second] = world.server.connections.values();
  const answer = await world.server.broadcast("tick", 1, {
    ...(first && { exclude: first }),
    filter: (peer) => peer !== second,
  });
  await turns();
  expect(answer).toEqual({ delivered: 1, skipped: 0 });
  expect([one.heard, two.heard, three.heard]).toEqual([[], [], [1]]);
});

test("who closes a subscription hears nothing more, the others go on", async () => {
  const world = await open();
  const { client, heard, subscription } = await listening(world);
  const more: unknown[] = [];
  client.onEvent("tick", (data) => more.push(data));
  subscription.close();
  await world.server.broadcast("tick", 1);
  await turns();
  expect([heard, more]).toEqual([[], [1]]);
});

test("the last subscription closed tells the server to send no more", async () => {
  const world = await open();
  const { subscription } = await listening(world);
  subscription.close();
  await turns();
  expect(await world.server.broadcast("tick", 1)).toEqual({ delivered: 0, skipped: 0 });
});

test("clients tell the server events, and a receiver that fails hurts nobody", async () => {
  const world = await open();
  const client = await world.connect();
  const heard: unknown[] = [];
  world.server.onEvent("tick", () => {
    throw new Error("a receiver's own failure");
  });
  world.server.onEvent("tick", async () => Promise.reject(new Error("another's")));
  world.server.onEvent("tick", (data, peer) => heard.push([data, peer.id]));
  await client.emit("tick", 1);
  await client.emit("closed", 2);
  await client.emit("tick", 3);
  await client.ping();
  expect(heard).toEqual([
    [1, "c1"],
    [3, "c1"],
  ]);
  expect(client.state).toBe("open");
  expect(world.lines.filter(({ message }) => message === "a receiver failed")).toHaveLength(4);
});

test("a client's receiver that fails does not break its connection", async () => {
  const world = await open();
  const { client, heard } = await listening(world);
  client.onEvent("tick", () => {
    throw new Error("a receiver's own failure");
  });
  await world.server.broadcast("tick", 1);
  await world.server.broadcast("tick", 2);
  await turns();
  expect(heard).toEqual([1, 2]);
  expect(client.state).toBe("open");
});

describe("an event", () => {
  const principal = (scopes: readonly string[], more = {}): Principal => ({
    id: "ann",
    scopes: new Set(scopes),
    ...more,
  });
  const tokens: Readonly<Record<string, Principal>> = {
    plain: principal([]),
    scoped: principal(["read"]),
    short: principal(["read"], { expiresAt: 1_000 }),
  };
  const authenticator: Authenticator = {
    authenticate: async (evidence) =>
      evidence.scheme === "token" ? tokens[evidence.token] : ANONYMOUS,
  };
  const as = (world: World, token: string) =>
    world.connect({ credentials: { scheme: "token", token } });

  test("is closed to those who prove nothing unless it is public", async () => {
    const world = await open({ authenticator });
    const client = await world.connect();
    await expect(client.onEvent("news", () => {}).ready).rejects.toMatchObject({
      code: "UNAUTHENTICATED",
    });
    await client.onEvent("tick", () => {}).ready;
  });

  test("with scopes is open to those who have them", async () => {
    const world = await open({ authenticator });
    world.server.event("news", { scopes: ["read"] });
    await (await as(world, "scoped")).onEvent("news", () => {}).ready;
    const plain = await as(world, "plain");
    await expect(plain.onEvent("news", () => {}).ready).rejects.toMatchObject({
      code: "PERMISSION_DENIED",
    });
  });

  test("does not reach those whose proof has expired", async () => {
    const clock = manualClock(0);
    const world = await open({ authenticator, clock });
    const client = await as(world, "short");
    await client.onEvent("news", () => {}).ready;
    expect(await world.server.broadcast("news")).toMatchObject({ delivered: 1 });
    clock.advance(1_000);
    expect(await world.server.broadcast("news")).toMatchObject({ delivered: 0 });
  });
});

test("what makes no sense is refused: policies, buffers, names", async () => {
  const world = await open();
  const client = await world.connect();
  const refused = async (...args: unknown[]) =>
    (await client.call("$events.watch", args).catch((thrown: unknown) => thrown)) as object;
  const all = [
    await refused("tick", "sometimes"),
    await refused("tick", null, 0),
    await refused("tick", null, 1e9),
    await refused(7),
    await refused("x".repeat(10_000)),
  ];
  expect(all.map((error) => Reflect.get(error, "code"))).toEqual(Array(5).fill("INVALID_ARGUMENT"));
});

/** A listener whose path is full: what is sent from now on has to wait. */
