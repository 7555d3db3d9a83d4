import { setTimeout as pause } from "node:timers/promises";

/** Tries until it holds; what it fails with at last is thrown. */
export async function untilDone(attempt: () => Promise<unknown>): Promise<void> {
  const giveUpAt = performance.now() + 10_000;
  for (;;) {
    try {
      await attempt();
      return;
    } catch (thrown) {
      if (performance.now() > giveUpAt) throw thrown;
      await pause(20);
    }
  }
}
