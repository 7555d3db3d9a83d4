import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { type Killed, killedRound } from "../state/killed-rounds.ts";

/** How often each is killed; `KILL_ROUNDS=100` for the long version. */
const ROUNDS = Number(process.env["KILL_ROUNDS"] ?? 0);

it.each([
  ["lmdb", ROUNDS || 5],
  ["log", ROUNDS || 2],
] as const)(
  "loses nothing that was acknowledged when a writer on %s is killed, and keeps nothing by half",
  async (kind, times) => {
    const folder = await mkdtemp(join(tmpdir(), "sealwire-killed-"));
    const rounds: Killed[] = [];
    for (let round = 0; round < times; round++) {
      const killAfter = 1 + Math.floor(Math.random() * 500);
      rounds.push(await killedRound(kind, folder, killAfter));
    }
    await rm(folder, { recursive: true, force: true });
    const acknowledged = rounds.reduce((sum, killed) => sum + killed.acknowledged, 0);
    console.log(`${kind}: killed ${times} times during ${acknowledged} acknowledged writes`);
    expect(rounds.flatMap(({ lost, torn }) => [...lost, ...torn])).toEqual([]);
    expect(acknowledged).toBeGreaterThan(times);
  },
  150_000 + ROUNDS * 15_000,
);
