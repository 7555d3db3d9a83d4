import { expect, it } from "vitest";
import { servedState } from "../../../test/state/served-state.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { ServerAndClient } from "../../testing/server-and-client.ts";
import type { SharedStateOptions } from "./options.ts";
import { sharedStateClient } from "./shared-state-client.ts";
import type { WatchedVariable } from "./watch-item.ts";

const code = (is: string) => expect.objectContaining({ code: is });

async function sharing(options: SharedStateOptions = {}) {
  const client = { reconnect: { baseMs: 1, maxMs: 5 } };
  const { pair, state } = await servedState(options, { client });
  const shared = pair.client.install(sharedStateClient({ onError: () => {} }));
  return { state, pair, shared };
}

/** Breaks every connection; clients come back. */
function breakAll({ server }: ServerAndClient): void {
  for (const connection of [...server.connections.values()]) {
    void connection.close(new SealwireError("UNAVAILABLE", "cut by the test"));
  }
}

/** The next so many of a watch, short. */
async function next(watch: AsyncIterator<WatchedVariable>, count: number) {
  const seen: (readonly [string, unknown, number])[] = [];
  while (seen.length < count) {
    const { done, value } = await watch.next();
    if (done) break;
    seen.push([value.name, value.value, value.version]);
  }
  return seen;
}

it("tells what is there, then every change in order, of one variable or of many", async () => {
  const { state, shared } = await sharing();
  await state.set("room/a", 1);
  const one = shared.watch("room/a");
  const many = shared.watch({ prefix: "room/" });
  const [first, all] = await Promise.all([next(one, 1), next(many, 1)]);
  await state.set("room/b", 2);
  await state.set("hall", 3);
  await shared.set("room/a", 4);
  await state.delete("room/a");
  expect([first, await next(one, 2)]).toEqual([
    [["room/a", 1, 1]],
    [
      ["room/a", 4, 2],
      ["room/a", undefined, 3],
    ],
  ]);
  expect([all, await next(many, 3)]).toEqual([
    [["room/a", 1, 1]],
    [
      ["room/b", 2, 1],
      ["room/a", 4, 2],
      ["room/a", undefined, 3],
    ],
  ]);
  await Promise.all([one.return?.(), many.return?.()]);
});

it("goes on after a break where it was, with each change that was missed", async () => {
  const { state, pair, shared } = await sharing();
  const ready: string[] = [];
  const watch = shared.watch("x", { onReady: () => void ready.push("once") });
  await state.set("x", 1);
  const before = await next(watch, 1);
  breakAll(pair);
  for (const value of [2, 3, 4]) await state.set("x", value);
  expect([...before, ...(await next(watch, 3))].map(([, value]) => value)).toEqual([1, 2, 3, 4]);
  expect(ready).toEqual(["once"]);
});

it("begins anew with what is there when too much was missed, and tells what was deleted", async () => {
  const { state, pair, shared } = await sharing({ resumableChanges: 2 });
  await state.set("a", 1);
  await state.set("b", 1);
  await state.set("same", 1);
  const watch = shared.watch({ prefix: "" });
  await next(watch, 3);
  breakAll(pair);
  for (const value of [2, 3, 4]) await state.set("a", value);
  await state.delete("b");
  expect(await next(watch, 2)).toEqual([
    ["a", 4, 4],
    ["b", undefined, 2],
  ]);
});

it("ends with its signal, and with the client", async () => {
  const { pair, shared } = await sharing();
  const stop = new AbortController();
  const first = shared.watch("x", { signal: stop.signal }).next();
  const second = shared.watch("x").next();
  const gone = expect(second).rejects.toEqual(code("UNAVAILABLE"));
  await pair.client.ping();
  stop.abort();
  expect((await first).done).toBe(true);
  await pair.client.close();
  await gone;
});

it("follows all variables: what is known here is what is there", async () => {
  const { state, pair, shared } = await sharing();
  await state.set("a", 1);
  await shared.follow();
  expect(shared.all()).toEqual(new Map([["a", 1]]));
  await state.set("b", 2);
  breakAll(pair);
  await state.delete("a");
  await state.set("b", 3);
  await expect.poll(() => shared.all()).toEqual(new Map([["b", 3]]));
});

it("refuses more watches than a peer may have, and gives back those that end", async () => {
  const { shared } = await sharing({ maxWatchesPerPeer: 2 });
  const stop = new AbortController();
  const { signal } = stop;
  const ready: (() => void)[] = [];
  const allReady = ["a", "b"].map(() => new Promise<void>((resolve) => ready.push(resolve)));
  const watching = ["a", "b"].map((name, i) => {
    return shared.watch(name, { signal, onReady: () => ready[i]?.() }).next();
  });
  await Promise.all(allReady);
  await expect(shared.watch("c").next()).rejects.toEqual(code("RATE_LIMITED"));
  stop.abort();
  await Promise.all(watching);
  const after = shared.watch("c");
  await shared.set("c", 1);
  expect((await after.next()).value).toMatchObject({ name: "c", value: 1 });
  await after.return?.();
});

it("is over for a server that takes too long, and says so", async () => {
  const { state } = await sharing({ maxBacklog: 3 });
  const watch = state.watch("x");
  await state.set("x", 0);
  await watch.next();
  for (let i = 1; i <= 4; i++) await state.set("x", i);
  expect(await next(watch, 3)).toHaveLength(3);
  await expect(watch.next()).rejects.toEqual(code("RATE_LIMITED"));
});

it("knows the newest, whoever tells it first", async () => {
  const { state, pair, shared } = await sharing();
  await shared.follow();
  await Promise.all(Array.from({ length: 100 }, (_, i) => shared.set("x", i)));
  await pair.client.ping();
  await expect.poll(() => shared.get("x")).toEqual(state.get("x"));
});
