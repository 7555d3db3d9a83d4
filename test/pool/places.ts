import { afterEach, beforeEach, expect } from "vitest";
import { ClientPool, type PoolOptions, type PoolServer } from "../../src/client/pool.ts";
import type { Clock } from "../../src/core/contracts/clock.ts";
import { SealwireError } from "../../src/core/model/errors.ts";
import { webCrypto } from "../../src/crypto/providers/web.ts";
import { native } from "../../src/dialects/native/index.ts";
import { type ServerAndClient, serverAndClient } from "../../src/testing/server-and-client.ts";

/** The time of this machine. */
export const clock: Clock = {
  now: Date.now,
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** What is closed after a test. */
export type Opened = { close(): Promise<void> }[];

/** A server in memory that a pool can have among its members. */
export interface Place extends PoolServer {
  readonly name: string;
  readonly pair: ServerAndClient;
  /** What its handlers have been asked, and what it was told. */
  readonly asked: unknown[];
  /** Nobody can connect while it is down. */
  down: boolean;
}

/** A place whose handlers answer with its name; those of "a" hang. */
export async function placeOf(name: string, opened: Opened): Promise<Place> {
  const asked: unknown[] = [];
  const pair = await serverAndClient({
    dialect: native({ crypto: webCrypto() }),
    register(server) {
      server.expose({
        where: () => name,
        unavailable: () => {
          throw new SealwireError("UNAVAILABLE", `the store of ${name} is away`);
        },
        async *letters() {
          yield name;
          asked.push("letters");
          if (name === "a") await new Promise(() => {});
          yield "end";
        },
        hang: () => {
          asked.push("hang");
          return name === "a" ? new Promise(() => {}) : name;
        },
      });
      server.event("news", { public: true });
      server.event("secrets", { scopes: ["keeper"] });
      server.event("told", { public: true });
      server.onEvent("told", (data) => asked.push(data));
    },
  });
  opened.push(pair);
  const made: Place = {
    ...{ name, pair, asked, down: false, address: `memory://${name}` },
    connect: async () => {
      if (made.down) throw new SealwireError("UNAVAILABLE", `${name} is down`);
      return pair.connect({ reconnect: { baseMs: 1, maxMs: 5 } });
    },
  };
  return made;
}

/** What the tests of a file share. */
export interface PlacesForEach {
  /** Those named a, b and c, new for each test. */
  readonly places: readonly Place[];
  /** A pool over them, closed after the test as they are. */
  pool(options?: PoolOptions): Promise<ClientPool>;
}

/** Makes three places for each test of the file that calls it. */
export function placesForEach(): PlacesForEach {
  const open: Opened = [];
  const places: Place[] = [];
  beforeEach(async () => {
    places.push(...(await Promise.all(["a", "b", "c"].map((name) => placeOf(name, open)))));
  });
  afterEach(async () => {
    places.length = 0;
    for (const each of open.splice(0)) await each.close();
  });
  return { places, pool: (options = {}) => poolOver([...places], open, options) };
}

/** A pool over these places, once all have been tried. */
export async function poolOver(
  places: readonly Place[],
  opened: Opened,
  options: PoolOptions = {},
): Promise<ClientPool> {
  const made = new ClientPool(places, clock, options);
  opened.push(made);
  await made.open();
  await expect.poll(() => statesOf(made)).not.toContain("connecting");
  return made;
}

/** Where each member stands. */
export function statesOf(pool: ClientPool): readonly string[] {
  return pool.members.map(({ state }) => state);
}
