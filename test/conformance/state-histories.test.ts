import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { lmdb } from "../../src/adapters/embedded/index.ts";
import type { Store } from "../../src/core/contracts/store.ts";
import { SealwireError } from "../../src/core/model/errors.ts";
import { webCrypto } from "../../src/crypto/providers/web.ts";
import { native } from "../../src/dialects/native/index.ts";
import {
  type SharedStateClient,
  sharedState,
  sharedStateClient,
} from "../../src/features/shared-state/index.ts";
import { type ServerAndClient, serverAndClient } from "../../src/testing/index.ts";
import { type Attempt, flawsOf } from "../state/history-model.ts";

const cleaning: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const clean of cleaning.splice(0).reverse()) await clean();
});

const NAMES = ["a", "b"];

/** A server on such a store, and three clients that come back. */
async function sharing(kind: "memory" | "lmdb"): Promise<Sharing> {
  const store = kind === "lmdb" ? await newStore() : undefined;
  const pair = await serverAndClient({
    dialect: native({ crypto: webCrypto() }),
    register: (server) => void server.install(sharedState(store && { store })),
    client: { reconnect: { baseMs: 1, maxMs: 5 } },
  });
  cleaning.push(() => pair.close());
  const others = [await pair.connect(), await pair.connect()];
  const clients = [pair.client, ...others].map((client) => client.install(sharedStateClient()));
  return { pair, clients };
}

interface Sharing {
  readonly pair: ServerAndClient;
  readonly clients: readonly SharedStateClient[];
}

async function newStore(): Promise<Store> {
  const folder = await mkdtemp(join(tmpdir(), "sealwire-histories-"));
  cleaning.push(() => rm(folder, { recursive: true, force: true }));
  return lmdb({ folder });
}

/** Everything that one watch told, as versions by name. */
function watching(client: SharedStateClient, prefix = "") {
  const told = new Map<string, number[]>();
  const stop = new AbortController();
  const done = (async () => {
    for await (const { name, version } of client.watch({ prefix }, { signal: stop.signal })) {
      told.set(name, [...(told.get(name) ?? []), version]);
    }
  })();
  const last = (name: string) => told.get(name)?.at(-1) ?? 0;
  const end = (): Promise<void> => {
    stop.abort();
    return done;
  };
  return { told, last, stop: end };
}

/** The same number of versions from the first one on, each one more than the one before. */
function withoutGap({ told }: ReturnType<typeof watching>, name: string): readonly number[] {
  const versions = told.get(name) ?? [];
  return versions.map((_, i) => (versions[0] ?? 0) + i);
}

function newestOf(history: readonly Attempt[]): number {
  return Math.max(0, ...history.map(({ outcome }) => ("made" in outcome ? outcome.made : 0)));
}

/** One client tries as often as it is told, each time from what it met last. */
async function work(
  client: SharedStateClient,
  name: string,
  tries: number,
  history: Attempt[],
): Promise<void> {
  let expected = 0;
  for (let i = 0; i < tries; i++) {
    const began = performance.now();
    const outcome = await attempt(client, name, i, expected);
    if (!outcome) return;
    history.push({ began, ended: performance.now(), expected, outcome });
    expected = "made" in outcome ? outcome.made : outcome.met;
  }
}

async function attempt(client: SharedStateClient, name: string, value: number, expected: number) {
  try {
    return { made: await client.cas(name, value, expected) };
  } catch (thrown) {
    const { code, details } = SealwireError.from(thrown);
    if (code !== "CONFLICT") throw thrown;
    const version = Object(details).version;
    return { met: Number(version) };
  }
}

const plan = fc.record({
  tries: fc.array(fc.tuple(fc.nat(2), fc.nat(1), fc.integer({ min: 1, max: 12 })), {
    minLength: 2,
    maxLength: 8,
  }),
});

describe.each(["memory", "lmdb"] as const)("shared variables in %s", (kind) => {
  it("change as if one after the other, and watches miss and repeat nothing", async () => {
    const { clients } = await sharing(kind);
    let run = 0;
    const seed = Math.floor(Math.random() * 2 ** 31);
    console.log(`histories on ${kind}: seed ${seed}`);
    await fc.assert(
      fc.asyncProperty(plan, async ({ tries }) => {
        const prefix = `${run++}/`;
        const histories = new Map<string, Attempt[]>(NAMES.map((name) => [name, []]));
        const [first] = clients;
        if (!first) throw new Error("there are three clients");
        const watch = watching(clients[1] ?? first, prefix);
        await Promise.all(
          tries.map(([who, which, count]) => {
            const name = NAMES[which] ?? "a";
            return work(clients[who] ?? first, prefix + name, count, histories.get(name) ?? []);
          }),
        );
        for (const [name, history] of histories) {
          expect(flawsOf(history)).toEqual([]);
          await expect.poll(() => watch.last(prefix + name)).toBe(newestOf(history));
          expect(watch.told.get(prefix + name) ?? []).toEqual(withoutGap(watch, prefix + name));
        }
        await watch.stop();
      }),
      { numRuns: 30, seed },
    );
  });

  it("tells watches that break and come back of every change, once and in order", async () => {
    const { pair, clients } = await sharing(kind);
    const [writer, watcher] = [clients[0], clients[1]];
    if (!writer || !watcher) throw new Error("there are three clients");
    const seen = watching(watcher);
    for (let round = 0; round < 20; round++) {
      for (const name of NAMES) await writer.add(name).catch(() => {});
      const [, victim] = [...pair.server.connections.values()];
      if (round % 3 === 0) await victim?.close(new SealwireError("UNAVAILABLE", "cut"));
    }
    for (const name of NAMES) {
      const now = await writer.entry(name);
      await expect.poll(() => seen.last(name)).toBe(now?.version);
    }
    await seen.stop();
    for (const name of NAMES) expect(seen.told.get(name)).toEqual(withoutGap(seen, name));
  });
});
