import { describe, expect, test } from "vitest";
import { type Place, placesForEach, statesOf } from "../../test/pool/places.ts";
import type { PoolChoice } from "./pool-choice.ts";
import { smoothed } from "./smoothed.ts";

const { places, pool } = placesForEach();

function placed(name: string): Place {
  const found = places.find((each) => each.name === name);
  if (!found) throw new Error(`there is no place ${name}`);
  return found;
}

describe("a call of all", () => {
  test("gives what each has answered, in the order of the members", async () => {
    const all = await (await pool()).callAll("where");
    expect(all).toMatchObject([
      { status: "fulfilled", value: "a", member: { address: "memory://a" } },
      { status: "fulfilled", value: "b", member: { address: "memory://b" } },
      { status: "fulfilled", value: "c" },
    ]);
  });

  test("is ended by nobody who fails or says nothing", async () => {
    const members = await pool();
    const hanging = await members.callAll("hang", [], { timeoutMs: 20 });
    expect(hanging).toMatchObject([
      { status: "rejected", reason: { code: "DEADLINE_EXCEEDED" } },
      { status: "fulfilled", value: "b" },
      { status: "fulfilled", value: "c" },
    ]);
    const failing = await members.callAll("unavailable");
    expect(failing.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  });

  test("passes over who cannot be used, and is empty when nobody can", async () => {
    placed("b").down = true;
    const members = await pool();
    expect(await members.callAll("where")).toMatchObject([{ value: "a" }, { value: "c" }]);
    for (const { pair } of places) await pair.server.close({ drainMs: 0 });
    await expect.poll(() => statesOf(members)).not.toContain("open");
    expect(await members.callAll("where")).toEqual([]);
    expect(await members.emitAll("told", 1)).toBe(0);
  });

  test("has no items to stream, and no members after the end", async () => {
    const members = await pool();
    const input = (async function* () {})();
    await expect(members.callAll("where", [], { input })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
    });
    await members.close();
    const ended = { code: "UNAVAILABLE", message: expect.stringContaining("closed") };
    await expect(members.callAll("where")).rejects.toMatchObject(ended);
    await expect(members.emitAll("told")).rejects.toMatchObject(ended);
    await expect(members.emit("told")).rejects.toMatchObject(ended);
  });
});

describe("events", () => {
  const told = () => places.map(({ asked }) => asked);

  test("go to one member, as the choice has it", async () => {
    const members = await pool({ choice: "random", random: () => 0.5 });
    await members.emit("told", "one");
    await expect.poll(told).toEqual([[], ["one"], []]);
  });

  test("wait for a member as calls do", async () => {
    const members = await pool({ callTimeoutMs: 50 });
    for (const each of places) await each.pair.server.close({ drainMs: 0 });
    await expect.poll(() => statesOf(members)).not.toContain("open");
    await expect(members.emit("told")).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
  });

  test("go to all members, and say how many there were", async () => {
    placed("c").down = true;
    const members = await pool();
    expect(await members.emitAll("told", { n: 1 })).toBe(2);
    await expect.poll(told).toEqual([[{ n: 1 }], [{ n: 1 }], []]);
  });

  test("come from all members, from those too that come later, until nobody wants them", async () => {
    const c = placed("c");
    c.down = true;
    const members = await pool();
    const heard: string[] = [];
    const news = members.onEvent("news", (data, { address }) =>
      heard.push(`${data} of ${address}`),
    );
    await news.ready;
    c.down = false;
    await expect.poll(() => statesOf(members)).toEqual(["open", "open", "open"]);
    // A call travels behind the wish for the event, so that each server knows of it.
    await members.callAll("where");
    const spread = () =>
      Promise.all(places.map(({ pair, name }) => pair.server.broadcast("news", name)));
    await spread();
    await expect
      .poll(() => heard.toSorted())
      .toEqual(["a of memory://a", "b of memory://b", "c of memory://c"]);
    news.close();
    await members.callAll("where");
    expect((await spread()).map(({ delivered }) => delivered)).toEqual([0, 0, 0]);
  });

  test("that a server does not give are told by `ready`, and harm nothing else", async () => {
    const members = await pool();
    const { ready } = members.onEvent("secrets", () => {});
    await expect(ready).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
    members.onEvent("secrets", () => {});
    expect(await members.call("where")).toBe("a");
  });
});

describe("each member", () => {
  test("counts its calls, those that failed, and how long they took", async () => {
    const members = await pool({ choice: "random", random: () => 0 });
    await members.call("where");
    await members.call("unavailable").catch(() => {});
    for await (const _ of members.stream("letters")) break;
    await members.callAll("where");
    const counted = members.members.map(({ calls, failed }) => ({ calls, failed }));
    expect(counted).toEqual([
      { calls: 4, failed: 1 },
      { calls: 1, failed: 0 },
      { calls: 1, failed: 0 },
    ]);
    expect(members.members.every(({ callMs = -1 }) => callMs >= 0)).toBe(true);
  });

  test("follows what calls took of late, and not the last one alone", () => {
    expect(smoothed(undefined, 10)).toBe(10);
    expect(smoothed(10, 20)).toBe(13);
  });
});

test("a choice that there is not is refused with those that there are", async () => {
  const choice = "fastest" as PoolChoice;
  await expect(pool({ choice })).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
    message: expect.stringMatching(/round-robin.*random.*least-latency/),
  });
});
