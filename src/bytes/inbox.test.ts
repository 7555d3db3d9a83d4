import { expect, test, vi } from "vitest";
import { Inbox } from "./inbox.ts";

async function all<Item>(inbox: Inbox<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of inbox) items.push(item);
  return items;
}

test("yields in order what was put before and after it was asked", async () => {
  const inbox = new Inbox<number>({ maxWaiting: 10 });
  inbox.put(1);
  const reading = all(inbox);
  inbox.put(2);
  inbox.put(3);
  inbox.end();
  expect(await reading).toEqual([1, 2, 3]);
});

test("answers several waiting reads in the order they were asked", async () => {
  const inbox = new Inbox<string>({ maxWaiting: 10 });
  const reads = [inbox.next(), inbox.next()];
  inbox.put("a");
  inbox.put("b");
  expect((await Promise.all(reads)).map((read) => read.value)).toEqual(["a", "b"]);
});

test("yields what waits before it throws, and throws again when asked again", async () => {
  const inbox = new Inbox<number>({ maxWaiting: 10 });
  inbox.put(1);
  inbox.end(new Error("lost"));
  expect(await inbox.next()).toEqual({ done: false, value: 1 });
  await expect(inbox.next()).rejects.toThrow("lost");
  await expect(inbox.next()).rejects.toThrow("lost");
});

test("says when there is no more room and asks again when half is taken", async () => {
  const onWanted = vi.fn();
  const weigh = (text: string) => text.length;
  const inbox = new Inbox<string>({ maxWaiting: 4, weigh, onWanted });
  expect(inbox.put("aa")).toBe(true);
  expect(inbox.put("bb")).toBe(false);
  expect(inbox.put("c")).toBe(false);
  await inbox.next();
  expect(onWanted).not.toHaveBeenCalled();
  await inbox.next();
  expect(onWanted).toHaveBeenCalledOnce();
});

test("is wanted once when the first item is asked for", () => {
  const onWanted = vi.fn();
  const inbox = new Inbox<number>({ maxWaiting: 4, onWanted });
  expect(onWanted).not.toHaveBeenCalled();
  void inbox.next();
  void inbox.next();
  expect(onWanted).toHaveBeenCalledOnce();
});

test("drops what comes after its reader has left", async () => {
  const inbox = new Inbox<number>({ maxWaiting: 1 });
  inbox.put(1);
  await inbox.return();
  inbox.put(2);
  expect(await inbox.next()).toEqual({ done: true, value: undefined });
});

test("hands over what waits at once", () => {
  const inbox = new Inbox<number>({ maxWaiting: 10 });
  inbox.put(1);
  inbox.put(2);
  expect(inbox.drain()).toEqual([1, 2]);
  expect(inbox.weight).toBe(0);
});
