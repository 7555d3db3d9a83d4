import { expect, test } from "vitest";
import { manualClock } from "../testing/manual-clock.ts";
import { insist } from "./insist.ts";

const pausesMs = [10, 20];

/** When something was said, from the beginning. */
function listening() {
  const clock = manualClock(0);
  const said: number[] = [];
  const advance = (ms: number) => {
    for (let passed = 0; passed < ms; passed++) clock.advance(1);
  };
  return { clock, said, advance, say: () => void said.push(clock.now()) };
}

test("says it at once and after each pause, and no more", () => {
  const { clock, said, say, advance } = listening();
  insist({ clock, say, pausesMs });
  advance(200);
  expect(said).toEqual([0, 10, 30]);
});

test("goes on with the last pause where it has no end", () => {
  const { clock, said, say, advance } = listening();
  const cancel = insist({ clock, say, pausesMs, endless: true });
  advance(75);
  cancel();
  advance(200);
  expect(said).toEqual([0, 10, 30, 50, 70]);
});

test("falls silent when it was heard", () => {
  const { clock, said, say, advance } = listening();
  insist({ clock, say, pausesMs, endless: true, isOver: () => said.length === 2 });
  advance(200);
  expect(said).toEqual([0, 10]);
});
