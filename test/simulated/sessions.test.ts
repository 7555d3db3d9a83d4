import { beforeEach, describe, expect, test } from "vitest";
import type { Client } from "../../src/client/client.ts";
import type { ClientOptions } from "../../src/client/options.ts";
import { Gate } from "../../src/core/engine/gate.ts";
import { type ManualClock, manualClock } from "../../src/testing/manual-clock.ts";
import { turns, type World, type WorldOptions } from "./world.ts";
import { worldsOfTest } from "./worlds.ts";

const PUBLIC = { public: true };
const world = worldsOfTest();
let clock: ManualClock;

beforeEach(() => {
  clock = manualClock(1_000_000);
});

describe("a session", () => {
  test("finishes calls in flight over another channel, each with one effect", async () => {
    const there = await begin();
    let effects = 0;
    const go = new Gate();
    there.server.procedure("slow", PUBLIC, async () => {
      effects += 1;
      await go.wait();
      return "done";
    });
    const { client, states } = await join(there);
    const call = client.call("slow");
    await turns();
    await cut(there);
    go.open();
    await pass(100);
    expect(await call).toBe("done");
    expect(effects).toBe(1);
    expect(states).toEqual(["broken", "connecting", "open recovered"]);
    expect(there.server.sessions).toEqual({ away: 0, resumed: 1, refused: 0 });
  });
});

async function begin(options: WorldOptions = {}): Promise<World> {
  return world({ clock, ...options });
}

async function join(
  there: World,
  options: ClientOptions = {},
): Promise<{ readonly client: Client; readonly states: readonly string[] }> {
  const reconnect = { baseMs: 100, maxMs: 1_000, random: () => 1 };
  const client = await there.connect({ reconnect, ...options });
  const states: string[] = [];
  client.onState((state, _, recovered) => {
    states.push(recovered ? `${state} recovered` : state);
  });
  return { client, states };
}

async function cut(there: World): Promise<void> {
  there.transport.taps.at(-1)?.break();
  await turns();
}

async function pass(ms: number): Promise<void> {
  clock.advance(ms);
  await turns(25);
}
