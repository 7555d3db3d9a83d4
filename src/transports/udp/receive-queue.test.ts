import fc from "fast-check";
import { expect, test } from "vitest";
import { join } from "../../bytes/join.ts";
import { ReceiveQueue } from "./receive-queue.ts";

test("keeps the order of pieces of all lengths and counts what is taken", async () => {
  const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 3_000 }), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(pieces, async (list) => {
      let counted = 0;
      const queue = new ReceiveQueue((bytes) => {
        counted += bytes;
      });
      for (const piece of list) queue.put(piece);
      queue.end();
      const got: Uint8Array[] = [];
      for (let item = await queue.next(); item.done !== true; item = await queue.next()) {
        got.push(item.value);
      }
      expect(join(got)).toEqual(join(list));
      expect(counted).toBe(join(list).length);
    }),
  );
});

test("gathers tiny pieces, so that a byte does not cost an object", async () => {
  const queue = new ReceiveQueue(() => {});
  for (let at = 0; at < 10_000; at++) queue.put(Uint8Array.of(at & 0xff));
  expect((await queue.next()).value?.length).toBe(10_000);
});

test("a reader that waits is given the end, or the error", async () => {
  const [orderly, broken] = [new ReceiveQueue(() => {}), new ReceiveQueue(() => {})];
  const [end, error] = [orderly.next(), broken.next()];
  orderly.end();
  broken.end(new Error("broken"));
  expect(await end).toEqual({ done: true, value: undefined });
  await expect(error).rejects.toThrow("broken");
});
