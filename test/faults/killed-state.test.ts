import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bundledWriter, type Killed, killedRound } from "../state/killed-rounds.ts";

/** How often each is killed; `KILL_ROUNDS=100` for the long version. */
const ROUNDS = Number(process.env["KILL_ROUNDS"] ?? 0);
/** Some are killed at their first writes, some in full course. */
const MOST_WRITES = 4_000;
/** The long version wants so many acknowledged writes a second. */
const LEAST_RATE = 1_000;

let writer: string;
beforeAll(async () => {
  writer = await bundledWriter();
});
afterAll(() => rm(writer, { force: true }));

it.each([
  ["lmdb", ROUNDS || 5],
  ["log", ROUNDS || 2],
] as const)(
  "loses nothing that was acknowledged when a writer on %s is killed, and keeps nothing by half",
  async (kind, times) => {
    const folder = await mkdtemp(join(tmpdir(), "sealwire-killed-"));
    const rounds: Killed[] = [];
    for (let round = 0; round < times; round++) {
      const killAfter = 1 + Math.floor(Math.random() * MOST_WRITES);
      rounds.push(await killedRound(writer, kind, folder, killAfter));
    }
    await rm(folder, { recursive: true, force: true });
    const acknowledged = rounds.reduce((sum, killed) => sum + killed.acknowledged, 0);
    const seconds = rounds.reduce((sum, { writingMs }) => sum + writingMs, 0) / 1_000;
    const rate = Math.round(acknowledged / seconds);
    const flaws = rounds.flatMap(({ lost, torn }) => [...lost, ...torn]);
    console.log(
      `${kind}: killed ${times} times at ${rate} acknowledged writes a second, ${flaws.length} lost`,
    );
    expect(flaws).toEqual([]);
    expect(acknowledged).toBeGreaterThan(times);
    if (ROUNDS > 0) expect(rate).toBeGreaterThan(LEAST_RATE);
  },
  150_000 + ROUNDS * 60_000,
);
