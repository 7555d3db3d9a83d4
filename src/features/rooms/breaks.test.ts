import fc from "fast-check";
import { afterEach, expect, it } from "vitest";
import { breakOf, type RoomWorld, roomWorld } from "../../../test/features/room-world.ts";
import { manualClock } from "../../testing/manual-clock.ts";
import type { ServerAndClient } from "../../testing/server-and-client.ts";
import type { RoomsOptions } from "./options.ts";

const open: ServerAndClient[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((pair) => pair.close()));
});

async function world(options: RoomsOptions = {}): Promise<RoomWorld> {
  const made = await roomWorld(options);
  open.push(made.pair);
  return made;
}

it("shows who broke as away, and brings what was missed once, in order, when it is back", async () => {
  const { enter, pair } = await world();
  const ann = await enter("ann");
  const bob = await enter("bob");
  const me = bob.room.me;
  await ann.room.emit("say", 1);
  breakOf(pair, "bob");
  for (const n of [2, 3, 4]) await ann.room.emit("say", n);
  await expect.poll(() => bob.said).toEqual([1, 2, 3, 4]);
  await expect.poll(() => bob.status).toEqual(["in", "away", "in"]);
  await expect
    .poll(() => ann.presence)
    .toEqual(["ann joined", "bob joined", "bob away", "bob back"]);
  expect(bob.room.me).toBe(me);
  await ann.room.emit("say", 5);
  await expect.poll(() => bob.said).toEqual([1, 2, 3, 4, 5]);
});

it("says so when more was missed than is kept, and who is here then", async () => {
  const { enter, pair } = await world({ keptEvents: 2 });
  const ann = await enter("ann");
  const bob = await enter("bob");
  breakOf(pair, "bob");
  for (const n of [1, 2, 3, 4, 5]) await ann.room.emit("say", n);
  const eve = await enter("eve");
  await expect.poll(() => bob.status).toContain("missed");
  await expect.poll(() => bob.room.members.map(({ user }) => user)).toEqual(["ann", "bob", "eve"]);
  await eve.room.emit("say", 6);
  await expect.poll(() => bob.said.at(-1)).toBe(6);
});

it("forgets the end of the time of grace for who comes back in time", async () => {
  const clock = manualClock();
  const { enter, pair, handle } = await world({ clock });
  const bob = await enter("bob");
  breakOf(pair, "bob");
  await expect.poll(() => bob.status).toEqual(["in", "away", "in"]);
  expect(clock.waiting).toBe(0);
  expect(handle.here("lobby").map(({ id }) => id)).toEqual([bob.room.me]);
});

it("brings each event once and in order, whenever connections break", async () => {
  const step = fc.constantFrom("emit", "emit", "emit", "break", "settle");
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const { enter, pair } = await world();
      const ann = await enter("ann");
      const bob = await enter("bob");
      let sent = 0;
      for (const act of steps) {
        if (act === "break") breakOf(pair, "bob");
        else if (act === "settle") await ann.room.emit("nothing");
        else {
          sent += 1;
          await ann.room.emit("say", sent);
        }
      }
      const all = Array.from({ length: sent }, (_, i) => i + 1);
      await expect.poll(() => bob.said).toEqual(all);
      await Promise.all(open.splice(0).map((each) => each.close()));
    }),
    { numRuns: 30 },
  );
});

it("shows who closed in order as left at once, and who never comes back when its time is over", async () => {
  const clock = manualClock();
  const { enter, client, handle, pair } = await world({ clock, graceMs: 10_000 });
  const ann = await enter("ann");
  const bob = await client("bob");
  await bob.rooms.room("lobby").join();
  await bob.client.close();
  await expect.poll(() => ann.presence.at(-1)).toBe("bob left");
  const eve = await client("eve", { reconnect: false });
  await eve.rooms.room("lobby").join();
  breakOf(pair, "eve");
  await expect.poll(() => ann.presence.at(-1)).toBe("eve away");
  expect(handle.here("lobby").map(({ away }) => away)).toEqual([false, true]);
  clock.advance(9_999);
  expect(handle.here("lobby")).toHaveLength(2);
  clock.advance(1);
  await expect.poll(() => ann.presence.at(-1)).toBe("eve left");
});

it("holds what is said while away until it is back in its place", async () => {
  const { enter, pair } = await world();
  const ann = await enter("ann");
  const bob = await enter("bob");
  breakOf(pair, "bob");
  await expect.poll(() => bob.status).toContain("away");
  expect(await Promise.all([1, 2, 3].map((n) => bob.room.emit("say", n)))).toEqual([1, 1, 1]);
  await expect.poll(() => ann.said).toEqual([1, 2, 3]);
  breakOf(pair, "bob");
  await expect.poll(() => bob.status.filter((status) => status === "away")).toHaveLength(2);
  await bob.room.leave();
  await expect.poll(() => ann.room.members.map(({ user }) => user)).toEqual(["ann"]);
});

it("joins anew what is joined while away, when it is back", async () => {
  const { enter, pair, handle } = await world();
  const bob = await enter("bob", "lobby", 1);
  breakOf(pair, "bob");
  await expect.poll(() => bob.status).toContain("away");
  await Promise.all([bob.room.join(2), bob.room.emit("say", 1)]);
  expect(handle.here("lobby")).toMatchObject([{ id: bob.room.me, data: 2, away: false }]);
});
