import { afterEach, describe, expect, test, vi } from "vitest";
import { tell, WHOLE, WHOLE_TIMEOUT } from "./acceptance/figures.ts";
import { MODES, meetingOf, type Pair, pathOf } from "./acceptance/pairs.ts";
import { Laboratory, missingLaboratory } from "./laboratory.ts";
import { pathsOf, Transfer } from "./transfer.ts";

const missing = missingLaboratory();
if (missing !== undefined) console.warn(`peers behind routers are not tested: ${missing}`);
if (WHOLE) vi.setConfig(WHOLE_TIMEOUT);

const FILE_BYTES = 50_000_000;
const lab = new Laboratory();
const transfers: Transfer[] = [];

afterEach(async () => {
  await lab.down();
  for (const transfer of transfers.splice(0)) transfer.remove();
});

function transferOf(bytes: number): Transfer {
  const transfer = new Transfer(lab, bytes);
  transfers.push(transfer);
  return transfer;
}

/** Sends a file from a to b; tells the last path of the receiver, and how long it took. */
async function sent([a, b]: Pair): Promise<{ readonly path: string; readonly ms: number }> {
  lab.change("nat", "a", a);
  lab.change("nat", "b", b);
  const isLarge = WHOLE || pathOf([b, a]) === "direct";
  const transfer = transferOf(isLarge ? FILE_BYTES : FILE_BYTES / 5);
  const sender = await transfer.sender();
  const beganMs = performance.now();
  const receiver = transfer.receiver();
  const codes = [await receiver.ended, await sender.ended];
  const said = `${a} and ${b}: ${receiver.err()}${sender.err()}`;
  expect(codes, said).toEqual([0, 0]);
  expect(transfer.isWhole(), said).toBe(true);
  transfer.remove();
  return { path: pathsOf(receiver).at(-1) ?? "none", ms: performance.now() - beganMs };
}

/** b receives, so b is the one who calls. A birthday may come after the last byte. */
function expectedPaths([a, b]: Pair): readonly string[] {
  const path = pathOf([b, a]);
  return meetingOf([a, b]) === "birthday" ? [path, "relay-udp"] : [path];
}

describe.skipIf(missing !== undefined)("50 MB from one home to another", () => {
  const some: readonly Pair[] = [
    ["port-restricted", "port-restricted"],
    ["symmetric", "symmetric"],
    ["port-restricted", "blocked"],
  ];
  const pairs = WHOLE ? MODES.flatMap((a) => MODES.map((b): Pair => [a, b])) : some;

  test(`arrive whole, by the path that ${pairs.length} pairs of routers let through`, async () => {
    lab.up("open", "open");
    await transferOf(1).meetingPlace();
    const wrong: string[] = [];
    const times: number[] = [];
    for (const pair of pairs) {
      const { path, ms } = await sent(pair);
      times.push(ms);
      if (!expectedPaths(pair).includes(path)) wrong.push(`${pair.join(" and ")}: ${path}`);
    }
    const slowest = `slowest ${(Math.max(...times) / 1_000).toFixed(1)} s`;
    tell(`send and receive 50 MB, ${pairs.length} pairs`, "all whole", `all whole, ${slowest}`);
    expect(wrong).toEqual([]);
  });

  test("go on after the receiver, and then the sender, was killed", async () => {
    lab.up("port-restricted", "restricted", "--impair", "rate=80");
    const transfer = transferOf(FILE_BYTES);
    await transfer.meetingPlace();
    const sender = await transfer.sender();
    const receiver = transfer.receiver();
    await transfer.bytesCame(8_000_000);
    await lab.kill(receiver);
    const second = transfer.receiver();
    await transfer.bytesCame(25_000_000);
    await lab.kill(sender);
    const other = await transfer.sender();
    expect([await second.ended, await other.ended]).toEqual([0, 0]);
    expect(transfer.isWhole()).toBe(true);
    const firstShown = Number(/(\d+)%/.exec(second.err())?.[1]);
    expect(firstShown).toBeGreaterThanOrEqual(15);
  });
});
