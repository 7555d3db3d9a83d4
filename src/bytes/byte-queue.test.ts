import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteQueue } from "./byte-queue.ts";

function queueOf(...chunks: readonly number[][]): ByteQueue {
  const queue = new ByteQueue();
  for (const chunk of chunks) queue.push(Uint8Array.from(chunk));
  return queue;
}

test("hands out what lies inside one chunk without copying", () => {
  const chunk = Uint8Array.of(1, 2, 3, 4);
  const queue = new ByteQueue();
  queue.push(chunk);
  queue.skip(1);
  expect(queue.take(2).buffer).toBe(chunk.buffer);
});

test("joins what spans chunks", () => {
  const queue = queueOf([1, 2], [3], [4, 5]);
  expect(queue.take(4)).toEqual(Uint8Array.of(1, 2, 3, 4));
  expect(queue.length).toBe(1);
});

test("leaves in place what is only peeked at", () => {
  const queue = queueOf([1], [2, 3]);
  expect(queue.peek(3)).toEqual(Uint8Array.of(1, 2, 3));
  expect(queue.byteAt(2)).toBe(3);
  expect(queue.length).toBe(3);
});

test("keeps what was taken although more small chunks arrive", () => {
  const queue = queueOf([0], [1], [2]);
  queue.skip(1);
  const taken = queue.take(1);
  queue.push(Uint8Array.of(3));
  queue.push(Uint8Array.of(4));
  expect(taken).toEqual(Uint8Array.of(1));
  expect(queue.take(3)).toEqual(Uint8Array.of(2, 3, 4));
});

test.each(["take", "peek", "skip"] as const)("%s refuses more than there is", (action) => {
  expect(() => queueOf([1, 2])[action](3)).toThrow(expect.objectContaining({ code: "INTERNAL" }));
  expect(() => queueOf([1, 2])[action](-1)).toThrow(expect.objectContaining({ code: "INTERNAL" }));
});

test("gives back every byte in order, however it is cut and taken", () => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 700 }), { maxLength: 40 });
  const sizes = fc.array(fc.nat(900), { maxLength: 60 });
  fc.assert(
    fc.property(chunks, sizes, (given, takes) => {
      const queue = new ByteQueue();
      const taken: number[] = [];
      const left = [...given];
      for (const size of takes) {
        const chunk = left.shift();
        if (chunk !== undefined) queue.push(chunk);
        taken.push(...queue.take(Math.min(size, queue.length)));
      }
      for (const chunk of left) queue.push(chunk);
      taken.push(...queue.take(queue.length));
      expect(taken).toEqual(given.flatMap((chunk) => [...chunk]));
    }),
  );
});

test("takes a large frame that came byte by byte in linear time", () => {
  const queue = new ByteQueue();
  const size = 2_000_000;
  for (let i = 0; i < size; i++) queue.push(Uint8Array.of(i & 0xff));
  const frame = queue.take(size);
  expect(frame[size - 1]).toBe((size - 1) & 0xff);
});
