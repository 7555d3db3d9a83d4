import { afterEach, expect, it } from "vitest";
import { type RoomWorld, roomWorld } from "../../../test/features/room-world.ts";
import { manualClock } from "../../testing/manual-clock.ts";
import type { ServerAndClient } from "../../testing/server-and-client.ts";
import type { RoomsOptions } from "./options.ts";

const open: ServerAndClient[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((pair) => pair.close()));
});

const code = (is: string) => expect.objectContaining({ code: is });

async function world(options: RoomsOptions = {}): Promise<RoomWorld> {
  const made = await roomWorld(options);
  open.push(made.pair);
  return made;
}

it("brings what a member says to the others, and to nobody else", async () => {
  const { enter } = await world();
  const ann = await enter("ann");
  const bob = await enter("bob");
  const eve = await enter("eve", "elsewhere");
  expect(await ann.room.emit("say", "hello")).toBe(1);
  await expect.poll(() => bob.said).toEqual(["hello"]);
  expect(await eve.room.emit("say", "anybody?")).toBe(0);
  await bob.room.emit("say", "hi");
  await expect.poll(() => ann.said).toEqual(["hi"]);
  expect([bob.said, eve.said]).toEqual([["hello"], []]);
});

it("says who speaks, as proven, and what it says of itself", async () => {
  const { enter } = await world();
  const ann = await enter("ann", "lobby", { nick: "A" });
  const bob = await enter("bob");
  const senders: unknown[] = [];
  bob.room.on("say", (_text, from) => void senders.push(from));
  await ann.room.emit("say", 1);
  await expect
    .poll(() => senders)
    .toEqual([{ id: ann.room.me, user: "ann", data: { nick: "A" }, away: false }]);
});

it("reaches chosen members, all but some, and all of them from the server", async () => {
  const { enter, handle } = await world();
  const [ann, bob, eve] = [await enter("ann"), await enter("bob"), await enter("eve")];
  await ann.room.emit("say", "to bob", { to: [bob.room.me ?? ""] });
  await ann.room.emit("say", "not to bob", { except: [bob.room.me ?? ""] });
  expect(handle.emit("lobby", "say", "to all")).toBe(3);
  expect(handle.emit("lobby", "say", "to two", { except: [ann.room.me ?? ""] })).toBe(2);
  expect(handle.emit("nowhere", "say", "to nobody")).toBe(0);
  await expect.poll(() => eve.said).toEqual(["not to bob", "to all", "to two"]);
  await expect.poll(() => bob.said).toEqual(["to bob", "to all", "to two"]);
  expect(ann.said).toEqual(["to all"]);
});

it("tells who comes, changes and leaves, and knows who is here", async () => {
  const { enter, handle } = await world();
  const ann = await enter("ann");
  const bob = await enter("bob", "lobby", 1);
  await bob.room.change(2);
  await expect.poll(() => ann.room.members.map(({ data }) => data)).toEqual([undefined, 2]);
  expect(bob.room.members.map(({ user }) => user)).toEqual(["ann", "bob"]);
  expect(handle.list()).toEqual([{ name: "lobby", members: 2 }]);
  await bob.room.leave();
  await expect
    .poll(() => ann.presence)
    .toEqual(["ann joined", "bob joined", "bob changed", "bob left"]);
  expect([bob.status, bob.room.me, bob.room.members]).toEqual([["in", "out"], undefined, []]);
  await expect(bob.room.emit("say", 1)).rejects.toEqual(code("NOT_FOUND"));
  await ann.room.leave();
  expect(handle.list()).toEqual([]);
});

it("gathers answers, and names those who gave none", async () => {
  const { enter, handle } = await world();
  const [ann, bob] = [await enter("ann"), await enter("bob")];
  const [eve, tom] = [await enter("eve"), await enter("tom")];
  bob.room.on("ready", async (data, from) => `${data} for ${from?.user ?? "the server"}`);
  eve.room.on("ready", () => {
    throw new Error("a secret of hers");
  });
  const { answers, failed } = await ann.room.ask("ready", "yes");
  expect(answers).toEqual([{ member: bob.room.me, value: "yes for ann" }]);
  expect(new Map(failed.map(({ member, code }) => [member, code]))).toEqual(
    new Map([
      [eve.room.me, "INTERNAL"],
      [tom.room.me, "NOT_FOUND"],
    ]),
  );
  expect(JSON.stringify(failed)).not.toContain("secret");
  const to = [bob.room.me ?? ""];
  expect(await handle.ask("lobby", "ready", "no", { to })).toEqual({
    answers: [{ member: bob.room.me, value: "no for the server" }],
    failed: [],
  });
});

it("waits for answers until the deadline, and not for those who have left", async () => {
  const clock = manualClock();
  const { enter } = await world({ clock });
  const [ann, bob, eve] = [await enter("ann"), await enter("bob"), await enter("eve")];
  const reached: string[] = [];
  for (const { room } of [bob, eve]) {
    room.on("ready", () => {
      reached.push("asked");
      return new Promise(() => {});
    });
  }
  const gone = eve.room.me;
  const asked = ann.room.ask("ready", 1, { timeoutMs: 5_000 });
  await expect.poll(() => reached).toHaveLength(2);
  await eve.room.leave();
  clock.advance(5_000);
  const { answers, failed } = await asked;
  expect(answers).toEqual([]);
  expect(failed.map(({ member, code }) => [member, code])).toEqual([
    [gone, "UNAVAILABLE"],
    [bob.room.me, "DEADLINE_EXCEEDED"],
  ]);
});

it("puts members out, and tells them why", async () => {
  const { enter, handle } = await world();
  const ann = await enter("ann");
  const reasons: unknown[] = [];
  ann.room.onStatus((status, reason) => void reasons.push([status, reason]));
  expect(handle.remove("lobby", ann.room.me ?? "", "be kind")).toBe(true);
  await expect.poll(() => reasons).toEqual([["out", "be kind"]]);
  expect(handle.remove("lobby", "nobody")).toBe(false);
});

it("tells who is put out in the moment of joining, and lets it join again", async () => {
  const { client, handle } = await world();
  handle.onPresence((room, change, { id, data }) => {
    if (change === "joined" && data === "rude") handle.remove(room, id, "mind your words");
  });
  const ann = (await client("ann")).rooms.room("lobby");
  const status: unknown[] = [];
  ann.onStatus((now, reason) => void status.push([now, reason]));
  await ann.join("rude");
  await expect
    .poll(() => status)
    .toEqual([
      ["in", undefined],
      ["out", "mind your words"],
    ]);
  expect([ann.me, handle.list()]).toEqual([undefined, []]);
  await ann.join("polite");
  expect(handle.here("lobby")).toMatchObject([{ id: ann.me, data: "polite" }]);
});
