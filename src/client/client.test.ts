import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ADDRESS, makeWorld, turns, type World } from "../../test/simulated/world.ts";
import type { Authenticator } from "../core/contracts/authenticator.ts";
import type { Call } from "../core/model/call.ts";
import { SealwireError } from "../core/model/errors.ts";
import { ANONYMOUS } from "../core/model/peer.ts";
import { NODE_PLATFORM } from "../presets/platform.node.ts";
import { type ManualClock, manualClock } from "../testing/manual-clock.ts";
import { Client } from "./client.ts";

const PUBLIC = { public: true };
const RECONNECT = { baseMs: 100, maxMs: 1_000, random: () => 1 };
let clock: ManualClock;
let world: World;

const authenticator: Authenticator = {
  authenticate: async (evidence) => {
    if (evidence.scheme !== "token") return ANONYMOUS;
    return { id: evidence.token, scopes: new Set<string>() };
  },
};

beforeEach(async () => {
  clock = manualClock(1_000);
  world = await makeWorld({ clock, authenticator });
  world.server.expose({ echo: (value: unknown) => value }, PUBLIC);
});
afterEach(() => world.close());

function breakPath(): Promise<void> {
  world.transport.taps.at(-1)?.break();
  return turns();
}

async function pass(ms: number): Promise<void> {
  clock.advance(ms);
  await turns(25);
}

describe("when the server drains", () => {
  test("new calls wait for the next connection while running ones finish", async () => {
    const client = await world.connect({ reconnect: RECONNECT });
    let finish: (value: string) => void = () => {};
    const finished = new Promise<string>((resolve) => {
      finish = resolve;
    });
    world.server.procedure("long", PUBLIC, () => finished);
    world.server.procedure("who", PUBLIC, (call: Call) => call.peer.id);
    const long = client.call("long");
    await turns();
    const drained = world.server.connections.get("c1")?.drain(60_000);
    await turns();
    const who = client.call("who");
    await pass(100);
    expect(await who).toBe("c2");
    finish("done");
    expect(await long).toBe("done");
    await drained;
  });

  test("closing the client closes what the server has said goodbye to as well", async () => {
    const client = await world.connect({ reconnect: RECONNECT });
    world.server.procedure("never", PUBLIC, () => new Promise(() => {}));
    const call = expect(client.call("never")).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await turns();
    void world.server.connections.get("c1")?.drain(1_000_000);
    await turns();
    await client.close();
    await call;
    await turns();
    expect(world.server.connections.size).toBe(0);
  });

  test("a server that says goodbye and stays is left after a while", async () => {
    const client = await world.connect({ reconnect: RECONNECT, callTimeoutMs: 1e9 });
    world.server.procedure("never", PUBLIC, () => new Promise(() => {}));
    const call = expect(client.call("never")).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await turns();
    void world.server.connections.get("c1")?.drain(1_000_000);
    await pass(100);
    client.call("echo").catch(() => {});
    await pass(29_000);
    await pass(31_000);
    await call;
    expect([...world.server.connections.keys()]).not.toContain("c1");
  });
});

describe("closing", () => {
  test("while it connects ends the connecting at once", async () => {
    const { platform, schemes } = world;
    const client = new Client(new URL(ADDRESS), { serverKeys: [] }, { platform, schemes });
    const opening = expect(client.open()).rejects.toThrow("has been closed");
    await client.close();
    await opening;
    expect(client.state).toBe("closed");
    await turns();
    expect(world.server.connections.size).toBe(0);
  });

  test("in a pause before the next try leaves no timer and rejects those who wait", async () => {
    const client = await world.connect({ reconnect: RECONNECT, resume: false });
    await breakPath();
    const call = expect(client.call("echo")).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await turns();
    await client.close();
    await call;
    await pass(10_000);
    expect([client.state, world.transport.taps.length, clock.waiting]).toEqual(["closed", 1, 0]);
  });

  test("runs what features left to do, once", async () => {
    const client = await world.connect();
    let closed = 0;
    client.install((host) =>
      host.onClose(async () => {
        closed += 1;
      }),
    );
    await Promise.all([client.close(), client.close()]);
    expect(closed).toBe(1);
  });
});

describe("connecting", () => {
  test("ends after its time", async () => {
    const stuck = {
      ...world.transport,
      connect: (_: URL, { signal }: { signal: AbortSignal }) =>
        new Promise<never>((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
        }),
    };
    const opening = world.connect({ transport: stuck, connectTimeoutMs: 700 });
    const outcome = expect(opening).rejects.toMatchObject({ code: "UNAVAILABLE" });
    while (clock.waiting === 0) await turns(1);
    await pass(700);
    await outcome;
    expect(clock.waiting).toBe(0);
  });

  test("ends with the signal of whoever asked for it", async () => {
    const controller = new AbortController();
    const opening = world.connect({ signal: controller.signal });
    const outcome = expect(opening).rejects.toMatchObject({ code: "CANCELLED" });
    controller.abort();
    await outcome;
    await expect(world.connect({ signal: AbortSignal.abort() })).rejects.toBeInstanceOf(
      SealwireError,
    );
  });

  test("to a server with another key than the pinned one fails and says so", async () => {
    const other = new Uint8Array(32).fill(9);
    const opening = world.connect({ serverKeys: [other, other] });
    await expect(opening).rejects.toMatchObject({ code: "HANDSHAKE_FAILED" });
  });
});

test("an UNAVAILABLE of the handler is an answer and is not repeated", async () => {
  const client = await world.connect({ reconnect: RECONNECT });
  let asked = 0;
  world.server.procedure("busy", PUBLIC, () => {
    asked += 1;
    throw new SealwireError("UNAVAILABLE", "the database is away");
  });
  await expect(client.call("busy", [], { idempotent: true })).rejects.toThrow("database");
  expect(asked).toBe(1);
});

test("what a state hook throws changes nothing", async () => {
  const client = await world.connect({ reconnect: RECONNECT });
  client.onState(() => {
    throw new Error("a hook's own failure");
  });
  await breakPath();
  await pass(100);
  expect(await client.call("echo", [1])).toBe(1);
});

test("a token proven anew is used when the client comes back", async () => {
  world.server.procedure("who", (call: Call) => call.principal?.id);
  const client = await world.connect({ reconnect: RECONNECT });
  await client.authenticate("tim");
  expect(await client.call("who")).toBe("tim");
  await breakPath();
  await pass(100);
  expect(await client.call("who")).toBe("tim");
});

test("a process does not end while its client waits to come back, other timers do not hold it", () => {
  const { clock: nodeClock } = NODE_PLATFORM;
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
  const before = timers();
  const cancels = [nodeClock.after(10_000, () => {}), nodeClock.after(10_000, () => {}, true)];
  const during = timers();
  for (const cancel of cancels) cancel();
  expect([during - before, timers() - before]).toEqual([1, 0]);
});
