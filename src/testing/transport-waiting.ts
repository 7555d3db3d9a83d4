import { expect, test } from "vitest";
import { type End, MEBIBYTE, pattern, readBytes } from "./channel-ends.ts";
import { REASON, type Suite } from "./transport-under-test.ts";

/** Slow readers make writers wait. */
export function waiting(suite: Suite): void {
  test("a reader that does not ask stops the writer, and lets it go on later", async () => {
    const { near, far } = await suite.open();
    const chunks = 64;
    const writer = writeMany(near, chunks);
    expect(await settlesOrStops(writer)).toBe("stopped");
    expect(writer.written).toBeLessThan(chunks);
    const received = await readBytes(far, chunks * MEBIBYTE);
    await writer.done;
    expect(received).toHaveLength(chunks * MEBIBYTE);
  });

  test("all who wait for room wait for the same promise", async () => {
    const { near } = await suite.open();
    const { room } = await fill(near);
    expect(near.channel.write([pattern(1)])).toBe(room);
  });

  test("closing frees those who wait for room", async () => {
    const { near } = await suite.open();
    const { room } = await fill(near);
    await near.channel.close(REASON);
    await expect(room).resolves.toBeUndefined();
  });

  test("the other's leaving frees those who wait for room", async () => {
    const { near, far } = await suite.open();
    const { room } = await fill(near);
    await far.channel.close(REASON);
    await expect(room).resolves.toBeUndefined();
  });
}

/** Writes until the channel asks to wait and stays so; gives what must be waited for. */
async function fill(end: End): Promise<{ readonly room: Promise<void> }> {
  for (;;) {
    const room = end.channel.write([pattern(MEBIBYTE)]);
    if (room === undefined) continue;
    const outcome = await settlesOrStops({ done: room, written: 0 });
    if (outcome === "stopped") return { room };
  }
}

interface Writing {
  written: number;
  done: Promise<void>;
}

function writeMany(end: End, chunks: number): Writing {
  const writing: Writing = { written: 0, done: Promise.resolve() };
  const chunk = pattern(MEBIBYTE);
  writing.done = (async () => {
    for (; writing.written < chunks; writing.written++) await end.channel.write([chunk]);
  })();
  return writing;
}

/** Nothing announces that nothing happens: thirty turns without progress count as stopped. */
async function settlesOrStops(writing: Writing): Promise<"settled" | "stopped"> {
  let settled = false;
  void writing.done.then(() => {
    settled = true;
  });
  let seen = -1;
  for (let still = 0; still < 30 && !settled; still++) {
    if (writing.written !== seen) still = 0;
    seen = writing.written;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return settled ? "settled" : "stopped";
}
