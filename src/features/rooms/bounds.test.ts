import fc from "fast-check";
import { afterEach, expect, it } from "vitest";
import { breakOf, roomWorld } from "../../../test/features/room-world.ts";
import { manualClock } from "../../testing/manual-clock.ts";
import type { ServerAndClient } from "../../testing/server-and-client.ts";
import type { RoomsOptions } from "./options.ts";
import { readItem } from "./read-item.ts";
import { roomClient } from "./room-client.ts";
import { rooms } from "./rooms.ts";

const open: ServerAndClient[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((pair) => pair.close()));
});

const code = (is: string) => expect.objectContaining({ code: is });

/** Clients as whoever, and their rooms. */
async function world(options: RoomsOptions = {}, expiresAt?: number) {
  const { pair, client } = await roomWorld(options, expiresAt);
  open.push(pair);
  return {
    pair,
    client: async (as: string) => (await client(as, { reconnect: false })).client,
    roomsOf: async (as: string) => (await client(as)).rooms,
  };
}

it("lets in whom the rule of the longest fitting name lets in", async () => {
  const { roomsOf } = await world({
    undeclared: "refuse",
    declare: {
      "staff/*": { join: ["staff"] },
      "staff/open": { join: "proven" },
      news: { emit: "nobody" },
      own: { join: async ({ principal, data }) => principal?.id === data },
    },
  });
  const ann = await roomsOf("ann staff");
  const bob = await roomsOf("bob");
  await ann.room("staff/lunch").join();
  await bob.room("staff/open").join();
  await expect(bob.room("staff/lunch").join()).rejects.toEqual(code("PERMISSION_DENIED"));
  await expect(bob.room("other").join()).rejects.toEqual(code("NOT_FOUND"));
  await bob.room("news").join();
  await expect(bob.room("news").emit("say", 1)).rejects.toEqual(code("PERMISSION_DENIED"));
  await bob.room("own").join("bob");
  await expect(ann.room("own").join("bob")).rejects.toEqual(code("PERMISSION_DENIED"));
});

it("refuses names, data and events beyond its bounds", async () => {
  const { client } = await world({ maxDataBytes: 100, maxEventBytes: 200 });
  const ann = await client("ann");
  const names = ["", "a\nb", "\u0000", "\ud800", "x".repeat(257), 7, null, ["a"]];
  const refused = await Promise.all(
    names.map((room) => ann.call("$rooms.join", { room }).catch((thrown) => thrown.code)),
  );
  expect(new Set(refused)).toEqual(new Set(["INVALID_ARGUMENT"]));
  const large = "x".repeat(300);
  const lobby = { room: "lobby" };
  await expect(ann.call("$rooms.join", { ...lobby, data: large })).rejects.toEqual(
    code("TOO_LARGE"),
  );
  await ann.call("$rooms.join", { room: "__proto__" });
  await ann.call("$rooms.join", lobby);
  const event = { ...lobby, name: "say" };
  await expect(ann.call("$rooms.emit", { ...event, data: large })).rejects.toEqual(
    code("TOO_LARGE"),
  );
  await expect(ann.call("$rooms.change", { ...lobby, data: large })).rejects.toEqual(
    code("TOO_LARGE"),
  );
  await expect(ann.call("$rooms.emit", { ...event, to: "all" })).rejects.toEqual(
    code("INVALID_ARGUMENT"),
  );
});

it("bounds the rooms of one peer, of all, and the members of one", async () => {
  const { roomsOf } = await world({ maxRooms: 3, maxRoomsPerPeer: 2, maxMembers: 2 });
  const ann = await roomsOf("ann");
  await ann.room("a").join();
  await ann.room("b").join();
  await ann.room("a").join();
  await expect(ann.room("c").join()).rejects.toEqual(code("RATE_LIMITED"));
  const bob = await roomsOf("bob");
  await bob.room("a").join();
  const eve = await roomsOf("eve");
  await expect(eve.room("a").join()).rejects.toEqual(code("RATE_LIMITED"));
  await eve.room("c").join();
  await expect(bob.room("d").join()).rejects.toEqual(code("RATE_LIMITED"));
  await bob.room("a").leave();
  await eve.room("a").join();
});

it("lets those who are away make room for those who come", async () => {
  const { pair, client, roomsOf } = await world({ maxMembers: 2 });
  const ann = (await roomsOf("ann")).room("lobby");
  await ann.join();
  const gone = await client("gone");
  await gone.install(roomClient()).room("lobby").join();
  breakOf(pair, "gone");
  await expect.poll(() => ann.members.map(({ away }) => away)).toEqual([false, true]);
  await (await roomsOf("bob")).room("lobby").join();
  await expect.poll(() => ann.members.map(({ user }) => user)).toEqual(["ann", "bob"]);
});

it("gives a place back to nobody but whose it is", async () => {
  const { client } = await world();
  const room = "lobby";
  const ann = await client("ann");
  const place = ticketOf(await ann.call("$rooms.join", { room }));
  const { ticket, member } = place;
  const eve = await client("eve");
  const tries = [
    ticket,
    `${member}.${"0".repeat(32)}`,
    `${member}.`,
    `${member}.${"zz".repeat(16)}`,
  ];
  const refused = await Promise.all(
    tries.map((each) => eve.call("$rooms.join", { room, ticket: each }).catch((err) => err.code)),
  );
  expect(new Set(refused)).toEqual(new Set(["PERMISSION_DENIED"]));
  const again = await client("ann");
  const back = ticketOf(await again.call("$rooms.join", { room, ticket }));
  expect(back.member).toBe(member);
  // One place, one peer: the earlier connection is not in the room any more.
  await expect(ann.call("$rooms.here", { room })).rejects.toEqual(code("NOT_FOUND"));
  await again.call("$rooms.leave", { room });
  expect(ticketOf(await ann.call("$rooms.join", { room, ticket })).member).not.toBe(member);
});

it("answers nothing about a room to those who are not in it", async () => {
  const { client } = await world();
  const ann = await client("ann");
  await ann.call("$rooms.join", { room: "a" });
  const eve = await client("eve");
  const asked = ["here", "change", "emit", "ask", "answer"].map((act) => {
    const named = { room: "a", ...(act === "emit" || act === "ask" ? { name: "x" } : {}) };
    return eve
      .call(`$rooms.${act}`, act === "answer" ? { ...named, ask: 1 } : named)
      .catch((err) => err.code);
  });
  expect(new Set(await Promise.all(asked))).toEqual(new Set(["NOT_FOUND"]));
});

it("bounds the questions that one peer has open", async () => {
  const { roomsOf } = await world({ maxAsksPerPeer: 1 });
  const ann = (await roomsOf("ann")).room("a");
  const bob = (await roomsOf("bob")).room("a");
  const answers: ((value: string) => void)[] = [];
  bob.on("q", () => new Promise((resolve) => answers.push(resolve)));
  await ann.join();
  await bob.join();
  const first = ann.ask("q");
  await expect(ann.ask("q")).rejects.toEqual(code("RATE_LIMITED"));
  await expect.poll(() => answers).toHaveLength(1);
  for (const answer of answers) answer("yes");
  expect(await first).toMatchObject({ answers: [{ value: "yes" }], failed: [] });
  expect((await ann.ask("none")).failed).toHaveLength(1);
});

it("says nothing more to those whose proof has expired", async () => {
  const clock = manualClock(1_000);
  const { roomsOf } = await world({ clock }, Date.now() + 3_600_000);
  const ann = (await roomsOf("ann")).room("a");
  const bob = (await roomsOf("bob")).room("a");
  const heard: unknown[] = [];
  bob.on("say", (data) => void heard.push(data));
  const reasons: unknown[] = [];
  bob.onStatus((status) => void reasons.push(status));
  await bob.join();
  await ann.join();
  await ann.emit("say", 1);
  await expect.poll(() => heard).toEqual([1]);
  clock.advance(Date.now() + 3_600_001);
  await ann.emit("say", 2);
  await expect.poll(() => reasons).toEqual(["in", "out"]);
  expect(heard).toEqual([1]);
});

it("reads anything that a server may send without failing", () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      readItem(value);
    }),
  );
  const member = fc.record({ id: fc.anything(), user: fc.anything(), away: fc.anything() });
  const item = fc.record({
    kind: fc.constantFrom("event", "presence", "here", "out", "other"),
    room: fc.oneof(fc.string(), fc.anything()),
    seq: fc.oneof(fc.nat(), fc.anything()),
    name: fc.anything(),
    change: fc.constantFrom("joined", "left", "exploded"),
    member: fc.oneof(member, fc.anything()),
    members: fc.oneof(fc.array(member), fc.anything()),
  });
  fc.assert(
    fc.property(item, (value) => {
      const read = readItem(value);
      if (read) expect(typeof read.room).toBe("string");
    }),
  );
});

it("refuses options that make no sense, and names them", () => {
  expect(() => rooms({ graceMs: 0 })).toThrow("graceMs is 0");
  expect(() => rooms({ maxRooms: 1.5 })).toThrow("maxRooms is 1.5");
  expect(() => rooms({ declare: { "a\n": {} } })).toThrow("the name of a room");
  expect(() => rooms({ declare: { a: { maxMembers: -1 } } })).toThrow("maxMembers of a is -1");
});

function ticketOf(joined: unknown): { readonly ticket: string; readonly member: string } {
  const { ticket, member } = Object(joined);
  return { ticket: String(ticket), member: String(member) };
}
