import { afterEach, describe, expect, test } from "vitest";
import { Laboratory, missingLaboratory } from "./laboratory.ts";
import { pathsOf, Transfer } from "./transfer.ts";

const missing = missingLaboratory();
if (missing !== undefined) console.warn(`peers behind routers are not tested: ${missing}`);

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

describe.skipIf(missing !== undefined)("50 MB from one home to another", () => {
  test.each([
    ["port-restricted", "port-restricted", "direct"],
    ["restricted", "symmetric", "direct"],
    ["symmetric", "symmetric", "relay-udp"],
    ["port-restricted", "blocked", "relay-ws"],
  ])("%s and %s: %s", async (a, b, path) => {
    lab.up(a, b);
    const transfer = transferOf(FILE_BYTES);
    await transfer.meetingPlace();
    const sender = await transfer.sender();
    const receiver = transfer.receiver();
    expect([await receiver.ended, await sender.ended]).toEqual([0, 0]);
    expect(transfer.isWhole()).toBe(true);
    expect(pathsOf(receiver).at(-1)).toBe(path);
  });

  test("goes on after the receiver, and then the sender, was killed", async () => {
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
