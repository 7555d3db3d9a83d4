import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeWorld, turns, type World } from "../../test/simulated/world.ts";
import type { Client } from "../client/client.ts";
import type { Authenticator } from "../core/contracts/authenticator.ts";
import type { Call } from "../core/model/call.ts";
import { SealwireError } from "../core/model/errors.ts";
import { ANONYMOUS, type Principal } from "../core/model/peer.ts";
import { type ManualClock, manualClock } from "../testing/manual-clock.ts";

let clock: ManualClock;
let world: World;
let revoked: AbortController;
let tokens: Record<string, Principal>;

const authenticator: Authenticator = {
  async authenticate(evidence) {
    if (evidence.scheme === "anonymous") return ANONYMOUS;
    if (evidence.scheme !== "token") return undefined;
    if (evidence.token === "broken") throw new Error("the database says: password=hunter2");
    return tokens[evidence.token];
  },
};

beforeEach(async () => {
  clock = manualClock(0);
  revoked = new AbortController();
  const person = (id: string, scopes: readonly string[], more: object = {}): Principal => ({
    id,
    scopes: new Set(scopes),
    revoked: revoked.signal,
    ...more,
  });
  tokens = {
    ann: person("ann", ["read"]),
    more: person("ann", ["read", "write"]),
    bob: person("bob", ["read", "write"], { revoked: new AbortController().signal }),
    short: person("ann", ["read"], { expiresAt: 1_000 }),
  };
  world = await makeWorld({ clock, authenticator });
  world.server.procedure("who", (call: Call) => call.principal?.id);
  world.server.procedure("write", { scopes: ["read", "write"] }, () => "written");
  world.server.procedure("open", { public: true }, (call: Call) => call.principal ?? "nobody");
});
afterEach(() => world.close());

const as = (token: string): Promise<Client> =>
  world.connect({ credentials: { scheme: "token", token } });

describe("who may call", () => {
  test("closed procedures want a proof, public ones none", async () => {
    const client = await world.connect();
    await expect(client.call("who")).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    expect(await client.call("open")).toBe("nobody");
    expect(await (await as("ann")).call("who")).toBe("ann");
  });

  test("scopes must all be there", async () => {
    const client = await as("ann");
    await expect(client.call("write")).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
  });

  test("credentials that nobody judges are refused, and a failing judge tells nothing", async () => {
    await expect(as("unknown")).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    const error = await as("broken").catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "INTERNAL" });
    expect(String(error)).not.toContain("hunter2");
  });
});

describe("proving anew", () => {
  test("by the same person brings more scopes on the live connection", async () => {
    const client = await as("ann");
    await client.authenticate("more");
    expect(await client.call("write")).toBe("written");
  });

  test("as somebody else is refused and changes nothing", async () => {
    const client = await as("ann");
    await expect(client.authenticate("bob")).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
    await expect(client.authenticate("nope")).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    expect(await client.call("who")).toBe("ann");
  });

  test("lifts the refusal after a proof has expired", async () => {
    const client = await as("short");
    clock.advance(1_000);
    await expect(client.call("who")).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    expect(client.state).toBe("open");
    await client.authenticate("ann");
    expect(await client.call("who")).toBe("ann");
  });

  test("again and again leaves one listener on the key, and none after the end", async () => {
    const client = await as("ann");
    for (let i = 0; i < 20; i++) await client.authenticate("more");
    expect(getEventListeners(revoked.signal, "abort")).toHaveLength(1);
    await client.close();
    await turns();
    expect(getEventListeners(revoked.signal, "abort")).toHaveLength(0);
  });

  test("makes the new key the one whose withdrawal counts", async () => {
    const client = await world.connect();
    await client.authenticate("ann");
    revoked.abort();
    await turns();
    expect(client.state).toBe("closed");
  });
});

describe("a withdrawn key", () => {
  test("closes its live connections, tells why, and leaves the others", async () => {
    const [ann, bob] = [await as("ann"), await as("bob")];
    const reasons: unknown[] = [];
    ann.onState((state, error) => reasons.push([state, error?.code]));
    world.server.procedure("hang", (call: Call) => {
      return new Promise((_, reject) => {
        call.signal.addEventListener("abort", () => reject(call.signal.reason));
      });
    });
    const call = expect(ann.call("hang")).rejects.toBeInstanceOf(SealwireError);
    await turns();
    revoked.abort();
    await call;
    await turns();
    expect(reasons).toEqual([["closed", "UNAUTHENTICATED"]]);
    expect(await bob.call("who")).toBe("bob");
    expect([...world.server.connections.values()].map(({ principal }) => principal?.id)).toEqual([
      "bob",
    ]);
  });

  test("that comes in just then is closed as well", async () => {
    revoked.abort();
    const client = await as("ann");
    await turns();
    expect(client.state).toBe("closed");
  });
});

test("no token and no password is ever logged", async () => {
  await as("ann");
  await as("unknown-secret").catch(() => {});
  const client = await world.connect();
  await client.authenticate("unknown-secret").catch(() => {});
  expect(JSON.stringify(world.lines)).not.toContain("unknown-secret");
});
