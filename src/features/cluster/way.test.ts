import fc from "fast-check";
import { expect, it } from "vitest";
import { equalBytes } from "../../bytes/equal.ts";
import type { NodeMessage } from "./node-message.ts";
import { Way } from "./way.ts";

const MAX_PART_BYTES = 1_000;

/** Two ends whose messages are handed over when asked. */
function ends(boundaries: "kept" | "lost" = "kept", maxChunkBytes = 4_000_000) {
  const ways: Way[] = [];
  const waiting: (readonly [to: number, message: NodeMessage])[] = [];
  const make = (at: number): Way => {
    const name = { way: 1, mine: at === 0 };
    return new Way(`node ${at}`, boundaries, name, {
      ...{ maxChunkBytes, maxPartBytes: MAX_PART_BYTES },
      async tell(message) {
        waiting.push([1 - at, structuredClone(message)]);
      },
      over() {},
    });
  };
  ways.push(make(0), make(1));
  /** Hands over what has been said, and what is said in answer. */
  const carry = (drop: (message: NodeMessage) => boolean = () => false): number => {
    let carried = 0;
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [to, message] = next;
      if (drop(message)) continue;
      carried += 1;
      if (message.kind === "data") ways[to]?.receive(message.bytes, message.count, message.more);
      if (message.kind === "taken") ways[to]?.granted(message.bytes);
      if (message.kind === "closed") ways[to]?.end(undefined);
    }
    return carried;
  };
  const [near, far] = ways;
  if (!near || !far) throw new Error("two were made");
  return { near, far, carry };
}

it("keeps the boundaries of chunks that are larger than a message", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 3_500 })), async (sizes) => {
      const { near, far, carry } = ends();
      const chunks = sizes.map((size, at) => new Uint8Array(size).fill(at));
      near.write(chunks);
      carry();
      const reader = far[Symbol.asyncIterator]();
      for (const chunk of chunks) {
        const { value = new Uint8Array() } = await reader.next();
        expect(equalBytes(value, chunk)).toBe(true);
      }
    }),
  );
});

it("lets no more than a window be on the way, and goes on when some was taken", async () => {
  const { near, far, carry } = ends();
  const chunk = new Uint8Array(100_000);
  const room = near.write(Array.from({ length: 30 }, () => chunk));
  expect(room).toBeInstanceOf(Promise);
  // Eleven chunks of 100 parts: the window of a mebibyte, and what was begun.
  expect(carry()).toBe(1_100);
  const reader = far[Symbol.asyncIterator]();
  for (let n = 0; n < 30; n++) {
    expect((await reader.next()).value).toHaveLength(100_000);
    carry();
  }
  await room;
});

it("ends in order with what was held, after it has left", async () => {
  const { near, far, carry } = ends();
  near.write(Array.from({ length: 20 }, () => new Uint8Array(100_000)));
  await near.close();
  const reader = far[Symbol.asyncIterator]();
  carry();
  for (let n = 0; n < 20; n++) {
    expect((await reader.next()).done).toBe(false);
    carry();
  }
  expect((await reader.next()).done).toBe(true);
});

it("breaks when something was lost, and when more comes than was asked for", async () => {
  const { near, far, carry } = ends();
  near.write([new Uint8Array(1), new Uint8Array(2)]);
  carry((message) => message.kind === "data" && message.count === 0);
  await expect(far[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "UNAVAILABLE" });
  const small = ends("lost", 10);
  small.near.write([new Uint8Array(11)]);
  small.carry();
  await expect(small.far[Symbol.asyncIterator]().next()).rejects.toMatchObject({
    code: "TOO_LARGE",
  });
});
