import { afterEach, expect, it } from "vitest";
import type { Host } from "../../core/contracts/feature.ts";
import type { Change, Store } from "../../core/contracts/store.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { memoryStore } from "./memory-store.ts";
import type { SharedStateOptions } from "./options.ts";
import { type SharedState, sharedState } from "./shared-state.ts";

const open: SharedState[] = [];
afterEach(async () => {
  for (const state of open.splice(0)) await state.close();
});

const code = (is: string) => expect.objectContaining({ code: is });

/** A store for several servers: no transactions, and a watch that breaks when the test says so. */
function commonStore() {
  const { transact: _alone, ...inner } = memoryStore();
  const breaks: (() => void)[] = [];
  const store: Store = {
    ...inner,
    async *watch(prefix, options): AsyncGenerator<Change, undefined> {
      const cut = new AbortController();
      breaks.push(() => cut.abort());
      const signal = AbortSignal.any([options.signal, cut.signal]);
      yield* inner.watch(prefix, { ...options, signal });
      if (cut.signal.aborted) throw new SealwireError("UNAVAILABLE", "gone");
      return undefined;
    },
    close: async () => {},
  };
  const breakAll = (): void => {
    for (const cut of breaks.splice(0)) cut();
  };
  return { store, breakAll };
}

async function serverOn(store: Store, options: SharedStateOptions = {}): Promise<SharedState> {
  const host = {
    ...{ procedure() {}, onStart() {}, onClose() {} },
    broadcast: async () => ({ delivered: 0, skipped: 0 }),
  };
  const state = sharedState({ ...options, store })(host as Partial<Host> as Host);
  open.push(state);
  await state.ready;
  return state;
}

it("shares variables between servers, and reads what it has written", async () => {
  const { store } = commonStore();
  const [one, two] = [await serverOn(store), await serverOn(store)];
  expect(await one.set("x", 1)).toBe(1);
  expect(one.get("x")).toBe(1);
  await expect.poll(() => two.get("x")).toBe(1);
  expect(await two.set("x", 2)).toBe(2);
  expect([...(await serverOn(store)).all()]).toEqual([["x", 2]]);
});

it("adds up what servers add at once, and lets one of them win a compare-and-set", async () => {
  const { store } = commonStore();
  const [one, two] = [await serverOn(store), await serverOn(store)];
  await Promise.all(Array.from({ length: 60 }, (_, i) => (i % 2 ? one : two).add("n")));
  expect(await one.add("n", 0)).toBe(60);
  expect(one.entry("n")?.version).toBe(61);
  const tries = [one, two].map((state) => state.set("cas", 1, { expected: 0 }));
  const settled = await Promise.allSettled(tries);
  expect(settled.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
});

it("never gives a version again after a deletion, on whichever server", async () => {
  const { store } = commonStore();
  const [one, two] = [await serverOn(store), await serverOn(store)];
  await one.set("x", 1);
  await one.set("x", 2);
  await expect.poll(() => two.get("x")).toBe(2);
  expect(await two.delete("x")).toBe(true);
  await expect.poll(() => one.get("x")).toBeUndefined();
  expect(await one.set("x", 3)).toBe(4);
});

it("tells watches on every server each change once and in order, also when the store was gone", async () => {
  const { store, breakAll } = commonStore();
  const [one, two] = [await serverOn(store), await serverOn(store)];
  const seen: number[] = [];
  const stop = new AbortController();
  const watching = (async () => {
    for await (const { version } of two.watch("n", { signal: stop.signal })) seen.push(version);
  })();
  for (let i = 0; i < 20; i++) await one.add("n");
  await expect.poll(() => seen.at(-1)).toBe(20);
  breakAll();
  await store.delete("state/v/other");
  expect(await one.add("n")).toBe(21);
  await expect.poll(() => seen.at(-1), { timeout: 3_000 }).toBe(21);
  expect(seen).toEqual(Array.from({ length: 21 }, (_, i) => i + 1));
  stop.abort();
  await watching;
});

it("cannot change several variables as one there, and says so", async () => {
  const state = await serverOn(commonStore().store);
  const both = state.transaction((tx) => {
    tx.set("a", 1);
    tx.set("b", 1);
  });
  await expect(both).rejects.toEqual(code("UNSUPPORTED"));
  expect([...state.all()]).toEqual([]);
  expect(await state.transaction((tx) => tx.set("a", 1))).toBe(1);
});
