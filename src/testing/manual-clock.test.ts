import { expect, test } from "vitest";
import { manualClock } from "./manual-clock.ts";

test("runs what is due in the order of time, each at its moment", () => {
  const clock = manualClock(1_000);
  const ran: [string, number][] = [];
  clock.after(20, () => ran.push(["late", clock.now()]));
  clock.after(10, () => ran.push(["early", clock.now()]));
  clock.advance(15);
  expect(ran).toEqual([["early", 1_010]]);
  clock.advance(5);
  expect(ran[1]).toEqual(["late", 1_020]);
});

test("runs what is set on the way if it is due too", () => {
  const clock = manualClock();
  const ran: number[] = [];
  clock.after(10, () => clock.after(10, () => ran.push(clock.now())));
  clock.advance(30);
  expect(ran).toEqual([20]);
  expect(clock.now()).toBe(30);
});

test("does not run what was taken back", () => {
  const clock = manualClock();
  const cancel = clock.after(10, () => expect.unreachable());
  cancel();
  clock.advance(20);
  expect(clock.waiting).toBe(0);
});
