import { expect, test } from "vitest";
import { Turnstile } from "./turnstile.ts";

test("lets so many through at a time, in the order they came", async () => {
  const turnstile = new Turnstile({ maxRunning: 2, maxWaiting: 10 });
  const began: number[] = [];
  const endings: (() => void)[] = [];
  const runs = [0, 1, 2, 3].map((number) =>
    turnstile.run(() => {
      began.push(number);
      return new Promise<void>((resolve) => endings.push(resolve));
    }),
  );
  await settle();
  expect(began).toEqual([0, 1]);
  endings[1]?.();
  await settle();
  expect(began).toEqual([0, 1, 2]);
  endings[0]?.();
  await settle();
  expect(began).toEqual([0, 1, 2, 3]);
  for (const end of endings) end();
  await Promise.all(runs);
});

test("refuses at once when too many wait, and goes on after a failure", async () => {
  const turnstile = new Turnstile({ maxRunning: 1, maxWaiting: 1 });
  let fail = (_error: Error) => {};
  const first = turnstile.run(() => new Promise((_, reject) => (fail = reject)));
  const second = turnstile.run(async () => "second");
  await expect(turnstile.run(async () => "third")).rejects.toMatchObject({ code: "RATE_LIMITED" });
  await settle();
  fail(new Error("first fails"));
  await expect(first).rejects.toThrow("first fails");
  expect(await second).toBe("second");
  expect(await turnstile.run(async () => "fourth")).toBe("fourth");
});

async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
