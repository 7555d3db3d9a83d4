import { expect, it } from "vitest";
import { servedState } from "../../../test/state/served-state.ts";
import { msgpackCodec } from "../../codecs/msgpack.ts";
import type { Store } from "../../core/contracts/store.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { memoryStore } from "./memory-store.ts";
import type { SharedStateOptions } from "./options.ts";
import type { SharedState } from "./shared-state.ts";

const code = (is: string) => expect.objectContaining({ code: is });
const CODEC = msgpackCodec();

async function sharing(options: SharedStateOptions): Promise<SharedState> {
  return (await servedState(options)).state;
}

/** A store in memory that outlives its servers, and fails or waits when the test says so. */
function tested() {
  const inner = memoryStore();
  const control = { fails: false, gate: Promise.resolve(), commits: 0 };
  const store: Store = {
    ...inner,
    async transact(writes) {
      control.commits += 1;
      await control.gate;
      if (control.fails) throw new SealwireError("UNAVAILABLE", "the disk is full");
      return inner.transact?.(writes) ?? [];
    },
    close: async () => {},
  };
  return { store, control };
}

it("has everything again after a restart: values, versions, history, owners", async () => {
  const { store } = tested();
  const declare = { "x*": { history: 2 } };
  const before = await sharing({ store, declare });
  for (const value of [1, 2, 3]) await before.set("x", { value, bytes: Uint8Array.of(1) });
  await before.set("gone", 1);
  await before.delete("gone");
  await before.close();
  const after = await sharing({ store, declare });
  expect(after.history("x").map(({ value, version }) => [value, version])).toEqual([
    [{ value: 1, bytes: Uint8Array.of(1) }, 1],
    [{ value: 2, bytes: Uint8Array.of(1) }, 2],
    [{ value: 3, bytes: Uint8Array.of(1) }, 3],
  ]);
  expect(await after.set("gone", 2)).toBe(3);
  expect([...after.all().keys()]).toEqual(["x", "gone"]);
});

it("shows nothing that is not kept yet, and keeps together what is asked at once", async () => {
  const { store, control } = tested();
  const state = await sharing({ store });
  let go: () => void = () => {};
  control.gate = new Promise((resolve) => {
    go = resolve;
  });
  const first = state.add("n");
  await Promise.resolve();
  await Promise.resolve();
  const others = Array.from({ length: 50 }, () => state.add("n"));
  expect(state.get("n")).toBeUndefined();
  go();
  expect(await first).toBe(1);
  expect((await Promise.all(others)).at(-1)).toBe(51);
  expect([state.get("n"), control.commits]).toEqual([51, 2]);
});

it("undoes what could not be kept with all that rests on it, goes on reading, and recovers", async () => {
  const { store, control } = tested();
  const state = await sharing({ store });
  await state.set("n", 10);
  control.fails = true;
  const failed = await Promise.allSettled([state.add("n"), state.add("n"), state.set("m", 1)]);
  expect(failed.map((result) => result.status)).toEqual(["rejected", "rejected", "rejected"]);
  await expect(state.set("m", 1)).rejects.toMatchObject({
    code: "UNAVAILABLE",
    message: expect.stringContaining("the disk is full"),
  });
  expect([...state.all()]).toEqual([["n", 10]]);
  control.fails = false;
  expect(await state.add("n")).toBe(11);
  expect(state.entry("n")?.version).toBe(2);
});

it("refuses what cannot be kept before anybody has seen it", async () => {
  const state = await sharing({ store: tested().store });
  await expect(state.set("f", () => {})).rejects.toEqual(code("INVALID_ARGUMENT"));
  expect([...state.all()]).toEqual([]);
});

it("does not start on what a newer version wrote, or what is damaged", async () => {
  const newer = tested().store;
  await newer.put("state/v/x", CODEC.encode([2, 1, 0, null, 1, []]));
  await expect(sharing({ store: newer })).rejects.toEqual(code("UNSUPPORTED"));
  const damaged = tested().store;
  await damaged.put("state/v/x", CODEC.encode(["?"]));
  await expect(sharing({ store: damaged })).rejects.toEqual(code("RECORD_REJECTED"));
});

it("does not start with more than it may keep", async () => {
  const { store } = tested();
  const state = await sharing({ store });
  await Promise.all([state.set("a", 1), state.set("b", 2)]);
  await state.close();
  await expect(sharing({ store, maxVariables: 1 })).rejects.toEqual(code("TOO_LARGE"));
});
