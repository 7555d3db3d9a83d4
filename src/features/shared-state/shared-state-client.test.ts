import { expect, it } from "vitest";
import type { ClientHost, ConnectionState } from "../../core/contracts/feature.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { sharedStateClient } from "./shared-state-client.ts";

/** A client whose server answers when the test says so. */
function client() {
  const asked: { readonly said: readonly unknown[]; answer(value: unknown): void }[] = [];
  const failures: string[] = [];
  const change: ((data: unknown) => unknown)[] = [];
  const state: ((state: ConnectionState) => void)[] = [];
  const host: Pick<ClientHost, "call" | "onEvent" | "onState" | "onClose"> = {
    call: (procedure, { positional }) =>
      new Promise((resolve, reject) => {
        const answer = (value: unknown) =>
          value instanceof SealwireError ? reject(value) : resolve(value);
        asked.push({ said: [procedure, ...positional], answer });
      }),
    onEvent: (_name, receive) => {
      change.push((data) => receive(data, { id: "1", remote: "r", dialect: "d" }));
    },
    onState: (hook) => void state.push(hook),
    onClose: () => {},
  };
  const onError = (error: SealwireError) => void failures.push(error.code);
  const shared = sharedStateClient({ onError })(host as ClientHost);
  return {
    ...{ shared, asked, failures },
    changed: (data: unknown) => change[0]?.(data),
    stands: (now: ConnectionState) => state[0]?.(now),
    /** Answers the last question, and lets that be heard. */
    async answer(value: unknown) {
      asked.at(-1)?.answer(value);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

const GONE = new SealwireError("UNAVAILABLE", "gone");

it("knows what it sets at once, and takes it back when that fails", async () => {
  const { shared, answer } = client();
  const set = shared.set("x", 1);
  expect(shared.get("x")).toBe(1);
  const refused = expect(set).rejects.toBe(GONE);
  await answer(GONE);
  await refused;
  expect(shared.get("x")).toBeUndefined();
});

it("takes back nothing that somebody else has set meanwhile", async () => {
  const { shared, answer, changed } = client();
  const refused = expect(shared.set("x", 1)).rejects.toBe(GONE);
  changed({ name: "x", value: 2 });
  await answer(GONE);
  await refused;
  expect(shared.get("x")).toBe(2);
});

it("does not let an old answer hide a change that came meanwhile", async () => {
  const { shared, answer, changed } = client();
  const fetched = shared.fetch("x");
  changed({ name: "x", value: "new" });
  await answer("old");
  expect(await fetched).toBe("old");
  const all = shared.refresh();
  changed({ name: "y", value: "new" });
  await answer([["y", "old"], ["z", 1], "nonsense", [7, 7]]);
  expect([...(await all)]).toEqual([
    ["y", "new"],
    ["z", 1],
  ]);
});

it("forgets what the server has not any more", async () => {
  const { shared, answer, changed } = client();
  changed({ name: "x", value: 1 });
  const fetched = shared.fetch("x");
  await answer(undefined);
  expect(await fetched).toBeUndefined();
  expect(shared.all().size).toBe(0);
});

it("asks for all again after a break, if it has asked before", async () => {
  const { shared, asked, answer, stands } = client();
  stands("broken");
  stands("open");
  expect(asked).toEqual([]);
  const all = shared.refresh();
  await answer([["x", 1]]);
  await all;
  stands("broken");
  stands("open");
  await answer([["x", 2]]);
  expect(asked.map(({ said }) => said)).toEqual([["$state.all"], ["$state.all"]]);
  expect(shared["x"]).toBe(2);
});

it("tells when asking again fails, and of assignments that do", async () => {
  const { shared, failures, answer, stands } = client();
  const all = shared.refresh();
  await answer([]);
  await all;
  stands("broken");
  stands("open");
  await answer(GONE);
  shared["x"] = 1;
  await answer(GONE);
  shared["y"] = undefined;
  await new Promise((resolve) => setImmediate(resolve));
  expect(failures).toEqual(["UNAVAILABLE", "UNAVAILABLE", "INVALID_ARGUMENT"]);
});

it.each([[undefined], [null], ["x"], [{ name: 7, value: 1 }], [{}]])(
  "ignores an event that tells of no change: %j",
  (data) => {
    const { shared, failures, changed } = client();
    changed(data);
    expect([shared.all().size, failures]).toEqual([0, []]);
  },
);
