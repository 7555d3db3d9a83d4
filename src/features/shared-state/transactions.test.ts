import { expect, it } from "vitest";
import { servedState } from "../../../test/state/served-state.ts";
import { sharedStateClient } from "./shared-state-client.ts";

const code = (is: string) => expect.objectContaining({ code: is });

async function sharing() {
  const principal = { id: "ann", scopes: new Set<string>() };
  const { pair, state } = await servedState(undefined, {
    server: { authenticator: { authenticate: async () => principal } },
    client: { credentials: { scheme: "token", token: "ann" } },
  });
  return { state, ann: pair.client.install(sharedStateClient({ onError: () => {} })) };
}

it("does all of a transaction or nothing", async () => {
  const { state, ann } = await sharing();
  await state.set("a", 100);
  const sum = await state.transaction((tx) => {
    tx.set("a", Number(tx.get("a")) - 30);
    tx.add("b", 30);
    return Number(tx.get("a")) + Number(tx.get("b"));
  });
  const failed = state.transaction((tx) => {
    tx.delete("a");
    tx.set("c", 1);
    tx.set("b", 0, { expected: 9 });
  });
  await expect(failed).rejects.toEqual(code("CONFLICT"));
  expect(sum).toBe(100);
  expect(await ann.refresh()).toEqual(new Map().set("a", 70).set("b", 30));
});

it("refuses a transaction that would wait, and writes around it", async () => {
  const { state } = await sharing();
  await expect(state.transaction(async (tx) => tx.set("a", 1))).rejects.toEqual(
    code("INVALID_ARGUMENT"),
  );
  let around: Promise<unknown> = Promise.resolve();
  await state.transaction((tx) => {
    around = state.set("b", 1);
    tx.set("a", 1);
  });
  await expect(around).rejects.toEqual(code("INVALID_ARGUMENT"));
  expect([...state.all()]).toEqual([["a", 1]]);
});

it("refuses what comes through a transaction after its end, and nothing has happened", async () => {
  const { state, ann } = await sharing();
  const kept = await state.transaction((tx) => [tx]);
  for (const tx of kept) {
    expect(() => tx.set("late", 1)).toThrow(code("INVALID_ARGUMENT"));
    expect(() => tx.delete("late")).toThrow(code("INVALID_ARGUMENT"));
  }
  await state.set("a", 1);
  expect(await ann.refresh()).toEqual(new Map([["a", 1]]));
});
