import fc from "fast-check";
import { expect, it } from "vitest";
import { SealwireError } from "../../core/model/errors.ts";
import { sha256 } from "../../crypto/sha256.ts";
import { IncomingFile } from "./incoming-file.ts";
import { memoryStore } from "./memory-store.ts";

async function incoming(size: number): Promise<IncomingFile> {
  return new IncomingFile(await memoryStore().create("a", size), size);
}

it("becomes whole from any length of chunks in any order, also when some come twice", async () => {
  const chunking = fc
    .record({
      content: fc.uint8Array({ maxLength: 300 }),
      chunkBytes: fc.integer({ min: 1, max: 90 }),
    })
    .chain(({ content, chunkBytes }) => {
      const total = Math.ceil(content.length / chunkBytes);
      const indexes = Array.from({ length: total }, (_, index) => index);
      const order = fc.shuffledSubarray([...indexes, ...indexes], {
        minLength: 2 * total,
        maxLength: 2 * total,
      });
      return fc.record({
        content: fc.constant(content),
        chunkBytes: fc.constant(chunkBytes),
        order,
      });
    });
  await fc.assert(
    fc.asyncProperty(chunking, async ({ content, chunkBytes, order }) => {
      const file = await incoming(content.length);
      const cut = (at: number) => content.subarray(at * chunkBytes, (at + 1) * chunkBytes);
      await Promise.all(order.map((at) => file.add(at, cut(at))));

      expect(await file.finish(sha256(content))).toEqual({ name: "a", size: content.length });
    }),
  );
});

it("stays incomplete while chunks lack, whatever the digest", async () => {
  const file = await incoming(4);
  await file.add(0, new Uint8Array(2));

  await expect(file.finish(sha256(new Uint8Array(4)))).rejects.toMatchObject({
    code: "CONFLICT",
    message: "Transfer incomplete: 2 of 4 bytes came",
  });
});

it("takes an empty file with an empty chunk or with none", async () => {
  const [one, none] = [await incoming(0), await incoming(0)];
  await one.add(0, new Uint8Array());

  expect(await one.finish(sha256(new Uint8Array()))).toHaveProperty("size", 0);
  expect(await none.finish(sha256(new Uint8Array()))).toHaveProperty("size", 0);
});

it.each([
  ["longer than the file", 4, [[0, 5]]],
  ["empty", 4, [[0, 0]]],
  [
    "behind the end",
    4,
    [
      [0, 2],
      [2, 2],
    ],
  ],
  [
    "shorter than the first in the middle",
    6,
    [
      [0, 2],
      [1, 1],
    ],
  ],
  [
    "longer than the first",
    6,
    [
      [0, 2],
      [1, 3],
    ],
  ],
  ["numbered beyond all bounds", 4, [[2 ** 40, 1]]],
] as const)("refuses a chunk that is %s", async (_, size, chunks) => {
  const file = await incoming(size);
  const adding = async () => {
    for (const [index, length] of chunks) await file.add(index, new Uint8Array(length));
  };

  await expect(adding()).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
});

it("holds only so much before the first chunk", async () => {
  const file = await incoming(1_000_000);
  for (let at = 1; at <= 256; at++) await file.add(at, new Uint8Array(1));

  await expect(file.add(300, new Uint8Array(1))).rejects.toThrow("send chunk 0 early");
});

it("refuses chunks so small that counting them would cost more than they carry", async () => {
  const file = new IncomingFile(await memoryStore().create("a", 2_000_000), 2_000_000);

  await expect(file.add(0, new Uint8Array(1))).rejects.toThrow("too small");
});

it("leaves nothing when nothing can be written, and tells every chunk the same cause", async () => {
  const full = new SealwireError("TOO_LARGE", "no room is left");
  const ended: string[] = [];
  const file = new IncomingFile(
    {
      keptBytes: 0,
      write: async (offset) => {
        if (offset > 0) throw full;
      },
      commit: async () => ({ name: "a", size: 0 }),
      discard: async () => void ended.push("discarded"),
      leave: async () => void ended.push("left"),
    },
    6,
    2,
  );
  const adding = [0, 1, 2].map((index) => file.add(index, new Uint8Array(2)));

  await expect(Promise.allSettled(adding)).resolves.toMatchObject([
    { reason: full },
    { reason: full },
    { reason: full },
  ]);
  await expect(file.add(0, new Uint8Array(2))).rejects.toBe(full);
  expect(new Set(ended)).toEqual(new Set(["discarded"]));
});

it("becomes whole over any number of tries, each cut off anywhere, in chunks of any length", async () => {
  const tries = fc.array(fc.record({ sent: fc.nat(20), begins: fc.boolean() }), { maxLength: 6 });
  const lengths = fc.integer({ min: 1, max: 40 });
  const contents = fc.uint8Array({ minLength: 1, maxLength: 300 });
  await fc.assert(
    fc.asyncProperty(contents, lengths, tries, async (content, chunkBytes, cut) => {
      const store = memoryStore();
      const known = { owner: "ann", sha256: sha256(content) };
      const total = Math.ceil(content.length / chunkBytes);
      for (const { sent, begins } of [...cut, { sent: total, begins: false }]) {
        const draft = await store.create("a", content.length, known);
        const file = new IncomingFile(draft, content.length, chunkBytes);
        // Who does not know of what was left begins with the first chunk.
        const from = begins ? 0 : file.chunksReceived;
        for (let index = from; index < Math.min(total, from + sent); index++) {
          await file.add(index, content.subarray(index * chunkBytes, (index + 1) * chunkBytes));
        }
        if (sent < total) await file.leave();
        else await file.finish(sha256(content));
        if (sent >= total) break;
      }

      expect(await store.read("a", 0, 400)).toEqual(content);
    }),
  );
});
