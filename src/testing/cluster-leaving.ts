import { expect, test } from "vitest";
import { listening, two } from "./cluster-publishing.ts";
import { type ClusterSuite, Heard } from "./cluster-under-test.ts";

const code = (is: string) => expect.objectContaining({ code: is });
const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
const soon = (): { readonly signal: AbortSignal } => ({ signal: AbortSignal.timeout(10_000) });

/** Subscriptions, nodes and the engine end, and some come back. */
export function leaving({ made, nodes }: ClusterSuite): void {
  test("gives nothing more to a subscription that was closed", async () => {
    const [a, b] = await two(nodes);
    const heard: number[] = [];
    const subscription = await b.subscribe("news", ({ payload }) => heard.push(payload[0] ?? -1));
    const other = await listening(b, "news");
    await a.publish("news", bytes(1));
    await other.count(1);
    await subscription.close();
    await a.publish("news", bytes(2));
    await other.count(2);
    expect(heard).toEqual([1]);
  });

  test("delivers what was published before a node left", async () => {
    const [a, b] = await two(nodes);
    const heard = await listening(b, "last words");
    const published = Array.from({ length: 100 }, (_, i) => a.publish("last words", bytes(i)));
    await Promise.all([...published, a.close()]);
    await heard.count(100);
    expect(heard.all.map(([i]) => i)).toEqual(published.map((_, i) => i));
  });

  test("goes on without a node that left, which itself can do nothing more", async () => {
    const [a, b] = await two(nodes);
    for (const node of [a, b]) {
      await node.subscribe("team", ({ reply }) => void reply?.(bytes(1)), "team");
    }
    await b.subscribe("b alone", ({ reply }) => void reply?.(bytes(2)));
    await b.close();
    await b.close();
    await expect(a.request("b alone", bytes(), soon())).rejects.toEqual(code("NOT_FOUND"));
    for (let i = 0; i < 10; i++) {
      expect(await a.request("team", bytes(), soon())).toEqual(bytes(1));
    }
    await expect(b.publish("team", bytes())).rejects.toEqual(code("UNAVAILABLE"));
    await expect(b.subscribe("team", () => {})).rejects.toEqual(code("UNAVAILABLE"));
    await expect(b.request("team", bytes(), soon())).rejects.toEqual(code("UNAVAILABLE"));
  });

  test("ends the requests of a node that leaves", async () => {
    const [a, b] = await two(nodes);
    const heard = await listening(b, "silent");
    const asked = expect(a.request("silent", bytes(1), soon())).rejects.toEqual(
      code("UNAVAILABLE"),
    );
    await heard.count(1);
    await a.close();
    await asked;
  });

  test("says when the engine is gone, refuses at once, and goes on when it is back", async () => {
    const { node, lose, restore } = await made();
    if (!lose || !restore) return;
    const [a, b] = [await node("a"), await node("b")];
    const heard = await listening(b, "news");
    const told = [a, b].map((one) => {
      const seen = new Heard();
      one.onReachable((reachable) => seen.receive({ payload: bytes(reachable ? 1 : 0) }));
      return seen;
    });
    const asked = expect(a.request("news", bytes(1), soon())).rejects.toEqual(code("UNAVAILABLE"));
    await heard.count(1);
    await lose();
    await Promise.all([asked, ...told.map((seen) => seen.first(0))]);
    await expect(a.publish("news", bytes(2))).rejects.toEqual(code("UNAVAILABLE"));
    await expect(a.request("news", bytes(2), soon())).rejects.toEqual(code("UNAVAILABLE"));
    await restore();
    await Promise.all(told.map((seen) => seen.first(1)));
    await a.publish("news", bytes(3));
    await heard.first(3);
    expect(heard.all).toEqual([bytes(1), bytes(3)]);
    expect(told.map(({ all }) => all)).toEqual(told.map(() => [bytes(0), bytes(1)]));
  });
}
