import { expect, test } from "vitest";
import { join } from "../bytes/join.ts";
import { MEBIBYTE, pattern, readAll, readBytes, readChunks, sameBytes } from "./channel-ends.ts";
import { REASON, type Suite } from "./transport-under-test.ts";

/** Bytes arrive, in order, and the writer gets its memory back. */
export function moving(suite: Suite): void {
  test("carries chunks both ways", async () => {
    const { near, far } = await suite.open();
    await near.channel.write([Uint8Array.of(1, 2, 3)]);
    expect(await readBytes(far, 3)).toEqual(Uint8Array.of(1, 2, 3));
    await far.channel.write([Uint8Array.of(4)]);
    expect(await readBytes(near, 1)).toEqual(Uint8Array.of(4));
  });

  test("keeps thousands of small chunks in order and intact", async () => {
    const { near, far } = await suite.open();
    const sent = Array.from({ length: 3_000 }, (_, i) => pattern(1 + (i % 40), i));
    const reading = readAll(far);
    for (const chunk of sent) await near.channel.write([chunk]);
    const closing = near.channel.close();
    const received = await reading;
    await far.channel.close();
    await closing;
    expect(sameBytes(join(received), join(sent))).toBe(true);
    if (near.channel.boundaries === "kept") expect(received).toHaveLength(sent.length);
  });

  test("carries the chunks of one write in order, and whole where boundaries are kept", async () => {
    const { near, far } = await suite.open();
    const chunks = [pattern(4), pattern(70_000), pattern(1, 9)];
    near.channel.write(chunks);
    if (far.channel.boundaries === "kept") expect(await readChunks(far, 3)).toEqual(chunks);
    else expect(sameBytes(await readBytes(far, 70_005), join(chunks))).toBe(true);
  });

  test("carries hundreds of tiny chunks in one write, in order", async () => {
    const { near, far } = await suite.open();
    const chunks = Array.from({ length: 300 }, (_, i) => pattern(1 + (i % 9), i));
    const all = join(chunks);
    near.channel.write(chunks);
    if (far.channel.boundaries === "kept") expect(await readChunks(far, 300)).toEqual(chunks);
    else expect(await readBytes(far, all.length)).toEqual(all);
  });

  test("carries 4 MiB in one write", async () => {
    const { near, far } = await suite.open();
    const large = pattern(4 * MEBIBYTE);
    const written = near.channel.write([large]);
    expect(sameBytes(await readBytes(far, large.length), large)).toBe(true);
    await written;
  });

  test("keeps what arrives before anybody reads", async () => {
    const { near, far } = await suite.open();
    await near.channel.write([Uint8Array.of(7, 8)]);
    const closing = near.channel.close();
    expect(join(await readAll(far))).toEqual(Uint8Array.of(7, 8));
    await far.channel.close();
    await closing;
  });

  test("calls release once when the chunks are not needed any more", async () => {
    const { near, far } = await suite.open();
    let released = 0;
    await new Promise<void>((resolve) => {
      near.channel.write([pattern(10), pattern(20)], () => {
        released += 1;
        resolve();
      });
    });
    await readBytes(far, 30);
    expect(released).toBe(1);
  });

  test("calls release also when there is nothing to send or nobody to send to", async () => {
    const { near } = await suite.open();
    await new Promise<void>((resolve) => near.channel.write([], resolve));
    await near.channel.close(REASON);
    await new Promise<void>((resolve) => near.channel.write([pattern(10)], resolve));
  });
}
