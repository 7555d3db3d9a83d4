import { expect, test } from "vitest";
import { join } from "../bytes/join.ts";
import { pattern, readAll, readBytes } from "./channel-ends.ts";
import { REASON, type Suite } from "./transport-under-test.ts";

/** Channels end in order or at once, and nobody is left waiting. */
export function ending(suite: Suite): void {
  test("an orderly close delivers everything and ends the other's iteration", async () => {
    const { near, far } = await suite.open();
    near.channel.write([pattern(300_000)]);
    const closing = near.channel.close();
    expect(join(await readAll(far))).toHaveLength(300_000);
    await far.channel.close();
    await closing;
  });

  test("an orderly close ends one's own iteration too", async () => {
    const { near, far } = await suite.open();
    const reading = near.chunks.next();
    const closing = near.channel.close();
    expect(await reading).toEqual({ done: true, value: undefined });
    await far.channel.close();
    await closing;
  });

  test("a close with a reason throws it to one's own reader", async () => {
    const { near } = await suite.open();
    const reading = near.chunks.next();
    const closing = near.channel.close(REASON);
    await expect(reading).rejects.toBe(REASON);
    await closing;
  });

  test("a path cut off does not leave the other's reader waiting", async () => {
    const { near, far } = await suite.open();
    const reading = readAll(far).catch((error: unknown) => error);
    await near.channel.close(REASON);
    const outcome = await reading;
    if (outcome instanceof Error) expect(outcome).toMatchObject({ code: "UNAVAILABLE" });
    else expect(outcome).toEqual([]);
  });

  test("a closed channel takes writes and closes without complaint", async () => {
    const { near, far } = await suite.open();
    await near.channel.close(REASON);
    await near.channel.write([pattern(5)]);
    await near.channel.close();
    await far.channel.close(REASON);
    await far.channel.close(REASON);
  });

  test("a channel lives on when its listener has closed", async () => {
    const { near, far, listener } = await suite.open();
    await listener.close();
    await near.channel.write([pattern(5)]);
    expect(await readBytes(far, 5)).toEqual(pattern(5));
  });
}
