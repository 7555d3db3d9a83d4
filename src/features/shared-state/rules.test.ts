import { expect, it, onTestFinished } from "vitest";
import { servedState } from "../../../test/state/served-state.ts";
import { anonymous } from "../../auth/anonymous.ts";
import type { Principal } from "../../core/model/peer.ts";
import { webCrypto } from "../../crypto/providers/web.ts";
import { native } from "../../dialects/native/index.ts";
import { serverAndClient } from "../../testing/server-and-client.ts";
import type { VariableDeclaration } from "./declaration.ts";
import type { SharedStateOptions } from "./options.ts";
import { sharedState } from "./shared-state.ts";
import { sharedStateClient } from "./shared-state-client.ts";

const code = (is: string) => expect.objectContaining({ code: is });

/** A server with these rules; each client is who its token names, with the scopes behind it. */
async function sharing(options: SharedStateOptions) {
  const { pair, state } = await servedState(options, {
    server: { authenticator: { authenticate: async (evidence) => principalOf(evidence) } },
    client: { credentials: { scheme: "token", token: "ann" } },
  });
  const as = async (token: string) => {
    const client = await pair.connect({ credentials: { scheme: "token", token } });
    return client.install(sharedStateClient({ onError: () => {} }));
  };
  return { state, pair, as, ann: pair.client.install(sharedStateClient({ onError: () => {} })) };
}

function principalOf(evidence: object): Principal {
  const [id = "", ...scopes] = "token" in evidence ? String(evidence.token).split(" ") : [];
  return { id, scopes: new Set(scopes) };
}

const declaring = (declaration: VariableDeclaration) => sharing({ declare: { "x*": declaration } });

it("counts versions by one, and lets only the expected one be replaced", async () => {
  const { state, ann } = await sharing({});
  expect(await ann.cas("x", "a", 0)).toBe(1);
  await ann.set("x", "b");
  await expect(ann.cas("x", "c", 1)).rejects.toMatchObject({
    code: "CONFLICT",
    details: { name: "x", version: 2, value: "b" },
  });
  await ann.set("x", "c", { expected: 2 });
  expect(await ann.entry("x")).toMatchObject({ value: "c", version: 3 });
  expect(state.entry("x")?.version).toBe(3);
});

it("deletes what has the expected version, and never counts from the beginning again", async () => {
  const { state, ann } = await sharing({});
  await ann.set("x", 1);
  await ann.set("x", 2);
  await expect(ann.delete("x", { expected: 1 })).rejects.toEqual(code("CONFLICT"));
  expect(await ann.delete("x", { expected: 2 })).toBe(true);
  expect(await ann.cas("x", 3, 0)).toBe(4);
  expect(state.get("x")).toBe(3);
});

it("wants the expected version of who writes a variable of compare-and-set", async () => {
  const { ann } = await declaring({ rule: "compare-and-set" });
  await expect(ann.set("x", 1)).rejects.toEqual(code("INVALID_ARGUMENT"));
  await ann.cas("x", 1, 0);
  await expect(ann.delete("x")).rejects.toEqual(code("INVALID_ARGUMENT"));
  await expect(ann.add("x")).rejects.toEqual(code("INVALID_ARGUMENT"));
});

it("adds up what many add at once", async () => {
  const { state, ann, as } = await declaring({ rule: "counter" });
  const bob = await as("bob");
  await Promise.all(Array.from({ length: 50 }, (_, i) => (i % 2 ? ann : bob).add("x", 2)));
  expect(state.entry("x")).toMatchObject({ value: 100, version: 50 });
  await expect(ann.set("x", 0)).rejects.toEqual(code("INVALID_ARGUMENT"));
  expect(await ann.add("x", -100)).toBe(0);
});

it("adds to numbers alone, and to no more than a number can be", async () => {
  const { state } = await sharing({});
  await state.set("text", "a");
  await state.set("large", Number.MAX_VALUE);
  await expect(state.add("text")).rejects.toEqual(code("INVALID_ARGUMENT"));
  await expect(state.add("large", Number.MAX_VALUE)).rejects.toEqual(code("INVALID_ARGUMENT"));
});

it("merges what two write", async () => {
  const merge = (present: unknown, written: unknown) => ({
    ...Object(present),
    ...Object(written),
  });
  const { state, ann, as } = await declaring({ rule: { merge } });
  const bob = await as("bob");
  await Promise.all([ann.set("x", { ann: 1 }), bob.set("x", { bob: 2 })]);
  expect(state.get("x")).toEqual({ ann: 1, bob: 2 });
  await ann.cas("x", { ann: 3 }, 2);
  expect(ann.get("x")).toEqual({ ann: 3, bob: 2 });
});

it("refuses what does not fit the schema, merged and counted values too", async () => {
  const small = {
    "~standard": {
      version: 1 as const,
      vendor: "test",
      validate: (value: unknown) =>
        Number(value) < 10 ? { value: Number(value) } : { issues: [{ message: "is too large" }] },
    },
  };
  const { state, ann } = await sharing({
    declare: {
      n: { schema: small, rule: "counter" },
      m: { schema: small, rule: { merge: (a, b) => Number(a) + Number(b) } },
    },
  });
  expect(await ann.add("n", 9)).toBe(9);
  await expect(ann.add("n")).rejects.toEqual(code("INVALID_ARGUMENT"));
  await ann.set("m", "5");
  await expect(ann.set("m", 5)).rejects.toMatchObject({
    message: expect.stringContaining("large"),
  });
  expect([state.get("n"), state.get("m")]).toEqual([9, 5]);
});

it("waits for a schema that answers later", async () => {
  const validate = async (value: unknown) => ({ value: `${value}!` });
  const schema = { "~standard": { version: 1 as const, vendor: "test", validate } };
  const { state, ann } = await declaring({ schema });
  await ann.set("x", "hello");
  expect(state.get("x")).toBe("hello!");
  await expect(state.transaction((tx) => tx.set("x", "now"))).rejects.toEqual(
    code("INVALID_ARGUMENT"),
  );
});

it.each([
  ["proven", [true, true, true]],
  ["nobody", [false, false, false]],
  ["owner", [true, false, false]],
  [["admin"], [false, false, true]],
  [(principal: Principal) => principal.id === "bob", [false, true, false]],
] as const)("lets those write whom the policy %s allows", async (write, expected) => {
  const { ann, as } = await declaring({ write });
  const all = [ann, await as("bob"), await as("eve admin")];
  const wrote: boolean[] = [];
  for (const who of all) {
    const told = await who.set("x", 1).catch((error: unknown) => error);
    wrote.push(told === undefined);
  }
  expect(wrote).toEqual(expected);
});

it("shows a variable to those alone who may read it: asked, listed, watched, or in a conflict", async () => {
  const { state, ann, as, pair } = await declaring({ read: ["admin"] });
  const eve = await as("eve admin");
  const events: unknown[] = [];
  await pair.client.onEvent("$state", (data) => void events.push(data)).ready;
  await state.set("x1", "secret");
  await state.set("open", 1);
  await expect(ann.fetch("x1")).rejects.toEqual(code("PERMISSION_DENIED"));
  await expect(ann.entry("x1")).rejects.toEqual(code("PERMISSION_DENIED"));
  await expect(ann.history("x1")).rejects.toEqual(code("PERMISSION_DENIED"));
  await expect(ann.watch("x1").next()).rejects.toEqual(code("PERMISSION_DENIED"));
  const conflict = ann.cas("x1", 1, 7);
  await expect(conflict).rejects.toMatchObject({ details: { name: "x1", version: 1 } });
  await expect(conflict).rejects.not.toMatchObject({ details: { value: "secret" } });
  expect([...(await ann.refresh()).keys()]).toEqual(["open"]);
  expect((await ann.watch({ prefix: "" }).next()).value).toMatchObject({ name: "open" });
  expect([...(await eve.refresh()).keys()]).toEqual(["x1", "open"]);
  expect(events).toEqual([{ name: "open", value: 1, version: 1 }]);
});

it("shows to those who have proven nothing what is for everyone, and nothing else", async () => {
  const pair = await serverAndClient({
    dialect: native({ crypto: webCrypto() }),
    register: (server) => {
      const state = server.install(sharedState({ declare: { "public/*": { read: "everyone" } } }));
      void state.set("public/news", "hello");
      void state.set("other", 1);
    },
    server: { authenticator: anonymous() },
  });
  onTestFinished(() => pair.close());
  const nobody = pair.client.install(sharedStateClient({ onError: () => {} }));
  expect(await nobody.fetch("public/news")).toBe("hello");
  expect([...(await nobody.refresh()).keys()]).toEqual(["public/news"]);
  expect((await nobody.watch("public/news").next()).value).toMatchObject({ value: "hello" });
  await expect(nobody.fetch("other")).rejects.toEqual(code("UNAUTHENTICATED"));
  await expect(nobody.set("public/news", 1)).rejects.toEqual(code("UNAUTHENTICATED"));
});

it("takes rules later too, but for the first that is for everyone", async () => {
  const { state, ann } = await sharing({});
  state.declare("x", { write: "nobody" });
  await expect(ann.set("x", 1)).rejects.toEqual(code("PERMISSION_DENIED"));
  expect(() => state.declare("y", { read: "everyone" })).toThrow(code("INVALID_ARGUMENT"));
  expect(() => state.declare("y", { history: -1 })).toThrow(code("INVALID_ARGUMENT"));
});

it("makes no variables that nobody declared, where that is so", async () => {
  const { ann } = await sharing({ declare: { known: {} }, undeclared: "refuse" });
  await ann.set("known", 1);
  await expect(ann.set("other", 1)).rejects.toEqual(code("NOT_FOUND"));
});

it("keeps as many versions as are declared", async () => {
  const { ann } = await declaring({ history: 2 });
  for (const value of ["a", "b", "c", "d"]) await ann.set("x", value);
  const versions = await ann.history("x");
  expect(versions.map(({ value, version }) => [value, version])).toEqual([
    ["b", 2],
    ["c", 3],
    ["d", 4],
  ]);
});

it.each([
  [{ declare: { "a\n": {} } }, "name of a variable"],
  [{ declare: { a: { history: 1_001 } } }, "history of a is 1001"],
  [{ declare: { a: { write: "everyone" as const } } }, "write of a is everyone"],
  [{ maxWatches: 0 }, "maxWatches is 0"],
])("refuses options that make no sense: %j", (options, message) => {
  expect(() => sharedState(options)).toThrow(message);
});
