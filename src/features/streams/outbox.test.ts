import { expect, it } from "vitest";
import { Outbox } from "./outbox.ts";

/** A wire that takes one item each time it is told to. */
function slowWire() {
  const taken: unknown[] = [];
  const waiting: (() => void)[] = [];
  const send = (item: unknown) => {
    taken.push(item);
    return new Promise<void>((resolve) => waiting.push(resolve));
  };
  const step = async () => {
    waiting.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { taken, send, step };
}

it("hands on one item after the other and drops the oldest that wait", async () => {
  const { taken, send, step } = slowWire();
  const outbox = new Outbox(send, 2, "drop-oldest");
  for (let n = 1; n <= 5; n++) await outbox.add(n);
  expect(taken).toEqual([1]);
  expect(outbox.dropped).toBe(2);
  await step();
  await step();

  expect(taken).toEqual([1, 4, 5]);
});

it("lets whoever pushes wait for room where nothing may fall", async () => {
  const { taken, send, step } = slowWire();
  const outbox = new Outbox(send, 1, "block");
  await outbox.add(1);
  await outbox.add(2);
  let through = false;
  const third = outbox.add(3).then(() => {
    through = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(through).toBe(false);
  await step();
  await third;
  await step();

  expect(taken).toEqual([1, 2, 3]);
  expect(outbox.dropped).toBe(0);
});

it("lets everybody go who waits when it is closed", async () => {
  const { send } = slowWire();
  const outbox = new Outbox(send, 1, "block");
  await outbox.add(1);
  await outbox.add(2);
  const third = outbox.add(3);
  outbox.close();

  await expect(third).resolves.toBeUndefined();
});

it("forgets what waits when the peer has gone", async () => {
  const outbox = new Outbox(() => Promise.reject(new Error("gone")), 2, "block");
  await outbox.add(1);
  await outbox.drained();

  await expect(outbox.add(2)).resolves.toBeUndefined();
});
