import { afterEach } from "vitest";
import type { EventSubscription, WatchOptions } from "../../src/client/event-receivers.ts";
import { makeWorld, type World, type WorldOptions } from "./world.ts";

/** Makes worlds that are closed when the test that asked for them has ended. */
export function worldsOfTest(): (options?: WorldOptions) => Promise<World> {
  const worlds: World[] = [];
  afterEach(async () => {
    for (const world of worlds.splice(0)) await world.close();
  });
  return async (options) => {
    const world = await makeWorld(options);
    worlds.push(world);
    return world;
  };
}

/** A client that watches an event, and what it has heard of it. */
export async function listening(world: World, options: WatchOptions = {}): Promise<Listening> {
  const client = await world.connect();
  const heard: unknown[] = [];
  const subscription = client.onEvent("tick", (data) => heard.push(data), options);
  await subscription.ready;
  return { client, heard, subscription };
}

/** As `listening` gives it. */
export interface Listening {
  readonly client: Awaited<ReturnType<World["connect"]>>;
  readonly heard: unknown[];
  readonly subscription: EventSubscription;
}
