import { expect, test } from "vitest";
import { Gate } from "./gate.ts";

test("gives all who wait the same promise and lets them pass together", async () => {
  const gate = new Gate();
  const first = gate.wait();
  expect(gate.wait()).toBe(first);
  gate.open();
  await expect(first).resolves.toBeUndefined();
});

test("is closed again for those who come after it was opened", () => {
  const gate = new Gate();
  const first = gate.wait();
  gate.open();
  expect(gate.wait()).not.toBe(first);
});
