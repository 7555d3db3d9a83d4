import { beforeEach, describe, expect, test } from "vitest";
import type { Client } from "../../src/client/client.ts";
import type { Authenticator } from "../../src/core/contracts/authenticator.ts";
import type { Call } from "../../src/core/model/call.ts";
import type { LinesOptions } from "./lines-dialect.ts";
import { type PlainWorld, plainWorldsOfTest } from "./plain-world.ts";
import { turns } from "./world.ts";

const worlds = plainWorldsOfTest();
let judged: string[];
let keys: Map<string, AbortController>;

const authenticator: Authenticator = {
  async authenticate(evidence) {
    if (evidence.scheme !== "token") return undefined;
    judged.push(evidence.token);
    await turns(1);
    const revoked = keys.get(evidence.token);
    if (!revoked || revoked.signal.aborted) return undefined;
    return { id: evidence.token, scopes: new Set(), revoked: revoked.signal };
  },
};

beforeEach(() => {
  judged = [];
  keys = new Map(["ann", "bob"].map((name) => [name, new AbortController()]));
});

async function proving(wire: LinesOptions = {}): Promise<PlainWorld> {
  const more = { proves: true, callsInFlight: 100, ...wire };
  const world = await worlds({ wire: more, authenticator, callContext: true });
  world.server.procedure("who", async (call: Call) => {
    await turns(2);
    return [call.principal?.id, world.server.currentCall()?.principal?.id];
  });
  world.server.procedure("open", { public: true }, (call: Call) => call.principal?.id ?? "nobody");
  return world;
}

const as = (world: PlainWorld, token: string): Promise<Client> =>
  world.connect({ credentials: { scheme: "token", token } });

const failing = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    (value) => ({ value }),
    ({ code, type }) => ({ code, type }),
  );

describe("on a wire that proves each call", () => {
  test("who calls is judged once and remembered, a wrong one is judged each time", async () => {
    const world = await proving();
    const client = await as(world, "ann");
    await client.call("who");
    await Promise.all([client.call("who"), client.call("who")]);
    expect(judged).toEqual(["ann"]);
    const wrong = await as(world, "eve");
    for (let i = 0; i < 2; i++) {
      expect(await failing(wrong.call("who"))).toMatchObject({ code: "UNAUTHENTICATED" });
    }
    expect(judged).toEqual(["ann", "eve", "eve"]);
  });

  test("two identities over one connection each call as themselves, side by side", async () => {
    const world = await proving();
    const client = await as(world, "ann");
    const names = ["ann", "bob", "bob", "ann", "ann", "bob"];
    const calls = names.map((name) => client.call("who", [], { meta: { as: name } }));
    expect(await Promise.all(calls)).toEqual(names.map((name) => [name, name]));
    expect(world.server.connections.size).toBe(1);
  });

  test("a call without a proof is nobody's, although its connection has proven somebody", async () => {
    const world = await proving();
    const peer = await world.speak();
    peer.say({ call: "who", as: "ann" }, { call: "who" }, { call: "open", as: "bob" });
    peer.say({ call: "open" }, { call: "none" });
    expect(await peer.hearSome(5)).toMatchObject([
      { result: ["ann", "ann"] },
      { error: { code: "UNAUTHENTICATED" } },
      { result: "nobody" },
      { result: "nobody" },
      { error: { code: "NOT_FOUND", type: "UnknownProcedure" } },
    ]);
    expect(judged).toEqual(["ann"]);
  });

  test("events reach a peer once it has proven who it is", async () => {
    const world = await proving();
    const client = await as(world, "ann");
    const heard: unknown[] = [];
    client.onEvent("tick", (data) => heard.push(data));
    await turns();
    expect(world.latest().principal).toBeUndefined();
    expect(await world.server.broadcast("tick", 1)).toMatchObject({ delivered: 0 });
    await client.call("who");
    expect(world.latest().principal?.id).toBe("ann");
    await world.server.broadcast("tick", 2);
    await turns();
    expect(heard).toEqual([2]);
  });

  test("a withdrawn key closes the connection of the one who came with it first", async () => {
    const world = await proving();
    const client = await as(world, "ann");
    await client.call("who");
    keys.get("ann")?.abort();
    await turns();
    expect(client.state).toBe("closed");
    expect(world.server.connections.size).toBe(0);
  });

  test("a withdrawn key of another is refused at its next call, and the rest goes on", async () => {
    const world = await proving();
    const client = await as(world, "ann");
    const asBob = () => client.call("who", [], { meta: { as: "bob" } });
    await client.call("who");
    expect(await asBob()).toEqual(["bob", "bob"]);
    keys.get("bob")?.abort();
    await turns();
    expect(await failing(asBob())).toMatchObject({ code: "UNAUTHENTICATED" });
    expect(await client.call("who")).toEqual(["ann", "ann"]);
  });

  test("a key withdrawn while it is judged closes the connection it would have opened", async () => {
    const world = await proving();
    const client = await as(world, "ann");
    const call = failing(client.call("who"));
    await turns(1);
    keys.get("ann")?.abort();
    await turns();
    expect(await call).toMatchObject({ code: expect.stringMatching(/^UNA/) });
  });

  test("a connection that ends while it is judged leaves nothing behind", async () => {
    const world = await proving();
    const peer = await world.speak();
    peer.say({ call: "who", as: "ann" });
    await turns(1);
    peer.close();
    await turns();
    expect(judged).toEqual(["ann"]);
    expect(world.server.connections.size).toBe(0);
    expect(world.log.filter(({ level }) => level === "error")).toEqual([]);
  });
});

describe("where every call must be proven", () => {
  test("nothing is told before the proof, of public and unknown procedures neither", async () => {
    const world = await proving({ everyCallProven: true });
    const peer = await world.speak();
    const calls = ["who", "open", "none", "$ping"].flatMap((call) => [{ call }, { call, as: "x" }]);
    peer.say(...calls);
    const heard = await peer.hearSome(8);
    const failures = heard.map((each) => JSON.stringify(each));
    expect(new Set(failures).size).toBe(2);
    expect(heard[0]).toMatchObject({ error: { code: "UNAUTHENTICATED" } });
  });

  test("the proven are told, and public procedures know them", async () => {
    const world = await proving({ everyCallProven: true });
    const client = await as(world, "bob");
    expect(await client.call("open")).toBe("bob");
    const unknown = { code: "NOT_FOUND", type: "UnknownProcedure" };
    expect(await failing(client.call("none"))).toEqual(unknown);
    expect(judged).toEqual(["bob"]);
  });
});
