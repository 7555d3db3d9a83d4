import { expect, it } from "vitest";
import { SealwireError } from "../model/errors.ts";
import { ChangeFeed } from "./change-feed.ts";

const NO_BYTES = { most: 1, of: () => 0 };
const code = (is: string) => expect.objectContaining({ code: is });

/** All that waits, and why there is no more. */
async function drained(watch: AsyncIterator<number>) {
  const items: number[] = [];
  for (;;) {
    const { done, value } = await watch.next();
    if (done) return items;
    items.push(value);
  }
}

it("gives what was there first, then what is published under the key, in order", async () => {
  const feed = new ChangeFeed<number>(10, NO_BYTES);
  const stop = new AbortController();
  let caughtUp = 0;
  const onCaughtUp = (): void => {
    caughtUp += 1;
  };
  const watch = feed.watch({ key: "a" }, { signal: stop.signal, first: [1, 2], onCaughtUp });
  feed.publish("a", 3);
  feed.publish("b", 4);
  const first = [(await watch.next()).value, (await watch.next()).value];
  expect([first, caughtUp]).toEqual([[1, 2], 0]);
  expect([(await watch.next()).value, caughtUp]).toEqual([3, 1]);
  const waiting = watch.next();
  feed.publish("a", 5);
  expect(await waiting).toEqual({ done: false, value: 5 });
  stop.abort();
  expect(await drained(watch)).toEqual([]);
});

it("ends those who let too much wait, after what they have, and nobody else", async () => {
  const feed = new ChangeFeed<number>(3, NO_BYTES);
  const slow = feed.watch({ prefix: "" }, { first: [0, 0, 0, 0] });
  const quick = feed.watch({ prefix: "a" });
  for (let i = 1; i <= 4; i++) {
    feed.publish("ab", i);
    expect((await quick.next()).value).toBe(i);
  }
  const items: number[] = [];
  const all = (async () => {
    for await (const item of slow) items.push(item);
  })();
  await expect(all).rejects.toEqual(code("RATE_LIMITED"));
  expect(items).toEqual([0, 0, 0, 0, 1, 2, 3]);
});

it("tells all who watch, now or later, why it is over", async () => {
  const feed = new ChangeFeed<number>(3, NO_BYTES);
  const early = feed.watch({ key: "a" }).next();
  feed.end(new SealwireError("UNAVAILABLE", "closed"));
  await expect(early).rejects.toEqual(code("UNAVAILABLE"));
  await expect(feed.watch({ prefix: "" }).next()).rejects.toEqual(code("UNAVAILABLE"));
});

it("ends those who let too many bytes wait, but not for what was there first", async () => {
  const feed = new ChangeFeed<number>(100, { most: 20, of: (item) => item });
  const watch = feed.watch({ prefix: "" }, { first: [1_000] });
  for (const bytes of [10, 10]) feed.publish("a", bytes);
  const taken = [(await watch.next()).value, (await watch.next()).value];
  for (const bytes of [10, 1]) feed.publish("a", bytes);
  for (let i = 0; i < 2; i++) taken.push((await watch.next()).value);
  expect(taken).toEqual([1_000, 10, 10, 10]);
  await expect(watch.next()).rejects.toEqual(code("RATE_LIMITED"));
});
