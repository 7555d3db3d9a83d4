import { expect, test } from "vitest";
import { listening, two } from "./cluster-publishing.ts";
import { type ClusterSuite, Heard } from "./cluster-under-test.ts";

const code = (is: string) => expect.objectContaining({ code: is });
const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
const soon = (): { readonly signal: AbortSignal } => ({ signal: AbortSignal.timeout(10_000) });

/** Requests are answered once, or refused. */
export function asking({ nodes }: ClusterSuite): void {
  test("brings the answer of who is subscribed, in its own node as well", async () => {
    const [a, b] = await two(nodes);
    await b.subscribe("double", ({ payload, reply }) => {
      void reply?.(bytes((payload[0] ?? 0) * 2));
    });
    const asked = Array.from({ length: 50 }, (_, i) => a.request("double", bytes(i), soon()));
    expect(await Promise.all(asked)).toEqual(asked.map((_, i) => bytes(i * 2)));
    expect(await b.request("double", bytes(100), soon())).toEqual(bytes(200));
  });

  test("takes the first answer of several", async () => {
    const [a, b] = await two(nodes);
    const replied = new Heard();
    await b.subscribe("who", async (delivery) => {
      await delivery.reply?.(bytes(1));
      await delivery.reply?.(bytes(2));
      replied.receive(delivery);
    });
    expect(await a.request("who", bytes(), soon())).toEqual(bytes(1));
    await replied.count(1);
  });

  test("asks one of a group", async () => {
    const [a, b] = await two(nodes);
    let asked = 0;
    for (const node of [a, b]) {
      await node.subscribe(
        "one",
        ({ reply }) => {
          asked += 1;
          void reply?.(bytes(asked));
        },
        "team",
      );
    }
    for (let i = 1; i <= 20; i++) expect(await a.request("one", bytes(), soon())).toEqual(bytes(i));
  });

  test("offers no way to answer a publication", async () => {
    const [a, b] = await two(nodes);
    const heard = await listening(b, "news");
    await a.publish("news", bytes(1));
    await heard.count(1);
    expect(heard.answerable).toBe(0);
  });

  test("says so when nobody is subscribed, not any more either", async () => {
    const [a, b] = await two(nodes);
    await expect(a.request("gone", bytes(), soon())).rejects.toEqual(code("NOT_FOUND"));
    const subscription = await b.subscribe("gone", ({ reply }) => void reply?.(bytes(1)));
    expect(await a.request("gone", bytes(), soon())).toEqual(bytes(1));
    await subscription.close();
    await subscription.close();
    await expect(a.request("gone", bytes(), soon())).rejects.toEqual(code("NOT_FOUND"));
  });

  test("ends a request with the reason of its signal", async () => {
    const [a, b] = await two(nodes);
    const heard = await listening(b, "silent");
    const reason = new Error("of the suite");
    const stop = new AbortController();
    const asked = expect(a.request("silent", bytes(1), { signal: stop.signal })).rejects.toBe(
      reason,
    );
    await heard.count(1);
    stop.abort(reason);
    await asked;
    const late = a.request("silent", bytes(2), { signal: stop.signal });
    await expect(late).rejects.toBe(reason);
  });
}
