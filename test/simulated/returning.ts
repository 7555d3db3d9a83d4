import { beforeEach } from "vitest";
import type { Client } from "../../src/client/client.ts";
import type { ClientOptions } from "../../src/client/options.ts";
import { type ManualClock, manualClock } from "../../src/testing/manual-clock.ts";
import { turns, type World, type WorldOptions } from "./world.ts";
import { worldsOfTest } from "./worlds.ts";

/** Worlds whose clients come back, and time for them; once in a test file. */
export function returning(): Returning {
  const world = worldsOfTest();
  let clock: ManualClock;
  beforeEach(() => {
    clock = manualClock(1_000_000);
  });
  return {
    begin: (options = {}) => world({ clock, ...options }),
    async pass(ms) {
      clock.advance(ms);
      await turns(25);
    },
  };
}

/** As `returning` gives it. */
export interface Returning {
  begin(options?: WorldOptions): Promise<World>;
  pass(ms: number): Promise<void>;
}

/** A client that comes back, and where it said that it stands. */
export async function join(
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

/** Breaks the latest path. */
export async function cut(there: World): Promise<void> {
  there.transport.taps.at(-1)?.break();
  await turns();
}
