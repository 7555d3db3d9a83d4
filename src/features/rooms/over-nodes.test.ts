import { expect, it, vi } from "vitest";
import { acquainted, clusterWorld, type WorldNode } from "../../../test/features/cluster-world.ts";
import type { ClientRoom } from "./client-room.ts";
import type { RoomsOptions } from "./options.ts";
import { readJoined } from "./read-item.ts";
import { roomClient } from "./room-client.ts";
import { type Rooms, rooms } from "./rooms.ts";

const soon = { timeout: 3_000, interval: 5 };

interface Place extends WorldNode {
  readonly rooms: Rooms;
  readonly room: ClientRoom;
  readonly said: unknown[];
  readonly presence: string[];
  /** What the server of this node was told of. */
  readonly told: string[];
}

/** A node whose client is about to enter the lobby. */
async function place(
  world: ReturnType<typeof clusterWorld>,
  id: string,
  options: RoomsOptions = {},
): Promise<Place> {
  const told: string[] = [];
  const installed: Rooms[] = [];
  const made = await world.start(id, {
    as: { id: `user-${id}` },
    register: (server) => {
      const handle = server.install(rooms(options));
      handle.onPresence((_, change, { user }) => told.push(`${user} ${change}`));
      installed.push(handle);
    },
  });
  const [handle] = installed;
  if (!handle) throw new Error("rooms were not installed");
  const room = made.client.install(roomClient()).room("lobby");
  const said: unknown[] = [];
  const presence: string[] = [];
  room.on("say", (data) => void said.push(data));
  room.onPresence(({ change, member }) => void presence.push(`${member.user} ${change}`));
  return { ...made, rooms: handle, room, said, presence, told };
}

function users(handle: Rooms): readonly string[] {
  return handle
    .here("lobby")
    .map(({ user, away }) => `${user}${away ? " away" : ""}`)
    .sort();
}

it("shows the members of all nodes to each other, and tells of each once", async () => {
  await using world = clusterWorld();
  const a = await place(world, "a");
  await a.room.join({ nick: "Ann" });
  const b = await place(world, "b");
  await acquainted(a, b);
  await vi.waitFor(() => expect(users(b.rooms)).toEqual(["user-a"]), soon);
  await b.room.join();
  expect(b.room.members).toHaveLength(2);
  expect(b.room.members.find(({ user }) => user === "user-a")?.data).toEqual({ nick: "Ann" });
  await vi.waitFor(() => expect(a.presence.at(-1)).toBe("user-b joined"), soon);
  await a.room.change({ nick: "Anna" });
  await vi.waitFor(() => expect(b.presence.at(-1)).toBe("user-a changed"), soon);
  await b.room.leave();
  await vi.waitFor(() => expect(users(a.rooms)).toEqual(["user-a"]), soon);
  expect([a.told, b.told]).toEqual([
    ["user-a joined", "user-a changed"],
    ["user-b joined", "user-b left"],
  ]);
});

it("brings what is said to the members of all nodes, in order, and leaves out who is left out", async () => {
  await using world = clusterWorld();
  const places = await Promise.all(["a", "b", "c"].map((id) => place(world, id)));
  const [a, b, c] = places;
  if (!a || !b || !c) throw new Error("three were asked for");
  await acquainted(...places);
  for (const each of places) await each.room.join();
  await vi.waitFor(() => expect(a.room.members).toHaveLength(3), soon);
  for (let n = 0; n < 20; n++) await a.room.emit("say", n);
  const numbers = Array.from({ length: 20 }, (_, n) => n);
  await vi.waitFor(() => expect([b.said, c.said]).toEqual([numbers, numbers]), soon);
  expect(a.said).toEqual([]);
  const except = [b.room.me ?? ""];
  expect(b.rooms.emit("lobby", "say", "server", { except })).toBe(2);
  await vi.waitFor(() => expect([a.said, c.said.at(-1)]).toEqual([["server"], "server"]), soon);
  expect(b.said).toEqual(numbers);
});

it("gathers the answers of the members of all nodes, and says who gave none", async () => {
  await using world = clusterWorld();
  const [a, b] = [await place(world, "a"), await place(world, "b")];
  await acquainted(a, b);
  for (const each of [a, b]) await each.room.join();
  const third = await b.connect();
  const silent = third.install(roomClient()).room("lobby");
  await silent.join();
  silent.on("count", () => new Promise(() => {}));
  b.room.on("count", (data) => Number(data) + 1);
  await vi.waitFor(() => expect(a.room.members).toHaveLength(3), soon);
  const { answers, failed } = await a.room.ask("count", 41, { timeoutMs: 150 });
  expect(answers).toEqual([{ member: b.room.me, value: 42 }]);
  expect(failed).toMatchObject([{ member: silent.me, code: "DEADLINE_EXCEEDED" }]);
});

it("puts out a member that another node has", async () => {
  await using world = clusterWorld();
  const [a, b] = [await place(world, "a"), await place(world, "b")];
  await acquainted(a, b);
  await a.room.join();
  await vi.waitFor(() => expect(users(b.rooms)).toEqual(["user-a"]), soon);
  const reasons: unknown[] = [];
  a.room.onStatus((status, reason) => reasons.push(`${status}: ${reason}`));
  expect(b.rooms.remove("lobby", a.room.me ?? "", "be gone")).toBe(true);
  await vi.waitFor(() => expect(reasons).toEqual(["out: be gone"]), soon);
  await vi.waitFor(() => expect(users(b.rooms)).toEqual([]), soon);
});

it("shows the members of a node that died as away, and then as left", async () => {
  await using world = clusterWorld();
  const [a, b] = [await place(world, "a"), await place(world, "b", { graceMs: 100 })];
  await acquainted(a, b);
  for (const each of [a, b]) await each.room.join();
  await vi.waitFor(() => expect(users(b.rooms)).toEqual(["user-a", "user-b"]), soon);
  world.kill("a");
  await vi.waitFor(
    () => expect(b.presence.slice(-2)).toEqual(["user-a away", "user-a left"]),
    soon,
  );
  expect(b.told).toEqual(["user-b joined", "user-a away", "user-a left"]);
});

it("gives a place back at another node to who has its ticket, and to nobody else", async () => {
  await using world = clusterWorld();
  const [a, b, c] = [await place(world, "a"), await place(world, "b"), await place(world, "c")];
  const d = await world.start("d", {
    as: { id: "user-b" },
    register: (server) => void server.install(rooms()),
  });
  await acquainted(a, b, c, d);
  await c.room.join();
  const first = readJoined(await b.client.call("$rooms.join", { room: "lobby", data: "here" }));
  await vi.waitFor(() => expect(users(a.rooms)).toEqual(["user-b", "user-c"]), soon);
  const ticket = first?.ticket ?? "";
  const forged = `${first?.member}.${"00".repeat(16)}`;
  const refused = { code: "PERMISSION_DENIED" };
  const joining = (client: Place["client"], shown: string) =>
    client.call("$rooms.join", { room: "lobby", ticket: shown, after: first?.seq });
  await expect(joining(a.client, ticket)).rejects.toMatchObject(refused);
  await expect(joining(d.client, forged)).rejects.toMatchObject(refused);
  world.kill("b");
  await vi.waitFor(() => expect(users(c.rooms)).toEqual(["user-b away", "user-c"]), soon);
  const again = readJoined(await joining(d.client, ticket));
  expect(again).toMatchObject({ member: first?.member, recovered: false });
  expect(again?.members.map(({ data }) => data)).toContain("here");
  await vi.waitFor(() => expect(users(c.rooms)).toEqual(["user-b", "user-c"]), soon);
  expect(c.presence.slice(-2)).toEqual(["user-b away", "user-b back"]);
  // The node that was cut off yields when it is back.
  world.hub.restore();
  await vi.waitFor(() => expect(users(b.rooms)).toEqual(["user-b", "user-c"]), soon);
  await vi.waitFor(
    () => expect(b.rooms.peerOf("lobby", first?.member ?? "")).toBe(undefined),
    soon,
  );
});

it("knows the members of a node again that it had given up", async () => {
  await using world = clusterWorld();
  const [a, b] = [await place(world, "a", { graceMs: 50 }), await place(world, "b")];
  await acquainted(a, b);
  for (const each of [a, b]) await each.room.join();
  await vi.waitFor(() => expect(users(a.rooms)).toEqual(["user-a", "user-b"]), soon);
  world.kill("b");
  await vi.waitFor(() => expect(users(a.rooms)).toEqual(["user-a"]), soon);
  world.hub.restore("b");
  await vi.waitFor(() => expect(users(a.rooms)).toEqual(["user-a", "user-b"]), soon);
});

it("agrees again when the engine is back, whatever happened meanwhile", async () => {
  await using world = clusterWorld();
  const [a, b] = [await place(world, "a"), await place(world, "b")];
  await acquainted(a, b);
  for (const each of [a, b]) await each.room.join();
  await vi.waitFor(() => expect(users(b.rooms)).toEqual(["user-a", "user-b"]), soon);
  world.hub.lose();
  expect([a.node.reachable, b.node.reachable]).toEqual([false, false]);
  await b.room.leave();
  await a.room.change("new");
  const late = (await a.connect()).install(roomClient()).room("lobby");
  await late.join("late");
  expect(await a.room.emit("say", "alone")).toBe(2);
  world.hub.restore();
  await vi.waitFor(() => expect(users(a.rooms)).toEqual(["user-a", "user-a"]), soon);
  await vi.waitFor(() => {
    expect(
      b.rooms
        .here("lobby")
        .map(({ data }) => data)
        .sort(),
    ).toEqual(["late", "new"]);
  }, soon);
});
