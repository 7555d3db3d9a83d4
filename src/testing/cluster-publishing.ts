import { expect, test } from "vitest";
import type { Cluster } from "../core/contracts/cluster.ts";
import { pattern, sameBytes } from "./channel-ends.ts";
import { type ClusterSuite, Heard } from "./cluster-under-test.ts";

const FENCE = 255;
const code = (is: string) => expect.objectContaining({ code: is });
const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

/** Publications reach those who are subscribed, in the order of each publisher. */
export function publishing({ nodes }: ClusterSuite): void {
  test("gives a publication to all who are subscribed, once each, its own node as well", async () => {
    const all = await nodes("a", "b", "c");
    const heard = await Promise.all(all.map((node) => listening(node, "news")));
    await all[0]?.publish("news", bytes(1));
    await all[0]?.publish("news", bytes(FENCE));
    await Promise.all(heard.map((one) => one.first(FENCE)));
    expect(heard.map((one) => one.all)).toEqual(heard.map(() => [bytes(1), bytes(FENCE)]));
  });

  test("keeps the order of each publisher", async () => {
    const all = await nodes("a", "b", "c");
    const heard = await Promise.all(all.map((node) => listening(node, "steps")));
    const sent = all.slice(0, 2).map(async (node, who) => {
      const steps = Array.from({ length: 500 }, (_, i) => bytes(who, i >> 8, i & 255));
      await Promise.all(steps.map((step) => node.publish("steps", step)));
    });
    await Promise.all([...sent, ...heard.map((one) => one.count(1_000))]);
    const of = (one: Heard, who: number): readonly number[] =>
      one.all.filter(([by]) => by === who).map(([, high = 0, low = 0]) => high * 256 + low);
    const inOrder = Array.from({ length: 500 }, (_, i) => i);
    for (const one of heard) expect([of(one, 0), of(one, 1)]).toEqual([inOrder, inOrder]);
  });

  test("gives each delivery to one of a group, and to every group", async () => {
    const [a, b] = await two(nodes);
    const heard = await Promise.all([
      listening(a, "work", "team"),
      listening(b, "work", "team"),
      listening(b, "work", "others"),
      listening(a, "work"),
    ]);
    const [first, second, others, everything] = heard;
    for (let i = 0; i < 100; i++) await a.publish("work", bytes(i));
    await Promise.all([others?.count(100), everything?.count(100)]);
    const team = [...(first?.all ?? []), ...(second?.all ?? [])].map(([i = -1]) => i);
    expect(team.sort((x, y) => x - y)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect([others?.all.length, everything?.all.length]).toEqual([100, 100]);
  });

  test.each([
    ["a.b", "a.*"],
    ["a.b", "a.>"],
    ["x", "X"],
    ["__proto__", "constructor"],
    ["", " "],
    ["schlüssel ☃\r\n", "schlüssel ☃"],
  ])("tells the subject %j from %j", async (one, other) => {
    const [a, b] = await two(nodes);
    const [heard, heardOther] = [await listening(b, one), await listening(b, other)];
    await a.publish(other, bytes(2));
    await a.publish(one, bytes(1));
    await Promise.all([heard.count(1), heardOther.count(1)]);
    expect([heard.all, heardOther.all]).toEqual([[bytes(1)], [bytes(2)]]);
  });

  test("carries nothing and much, and bytes of its own", async () => {
    const [a, b] = await two(nodes);
    const heard = await listening(b, "bytes");
    const large = pattern(500_000);
    const sent = large.slice();
    const publishedLarge = a.publish("bytes", sent);
    sent.fill(0);
    await Promise.all([publishedLarge, a.publish("bytes", bytes()), heard.count(2)]);
    const [first = bytes(), second] = heard.all;
    expect(sameBytes(first, large)).toBe(true);
    expect(second).toEqual(bytes());
  });

  test("refuses what is larger than it carries, and goes on", async () => {
    const [a, b] = await two(nodes);
    const heard = await listening(b, "bytes");
    await expect(a.publish("bytes", pattern(64 * 1_048_576))).rejects.toEqual(code("TOO_LARGE"));
    await a.publish("bytes", bytes(1));
    await heard.count(1);
    expect(heard.all).toEqual([bytes(1)]);
  });

  test("goes on when a subscriber throws", async () => {
    const [a, b] = await two(nodes);
    await b.subscribe("news", () => {
      throw new Error("of a subscriber of the suite");
    });
    const heard = await listening(b, "news");
    await a.publish("news", bytes(1));
    await a.publish("news", bytes(2));
    await heard.count(2);
    expect(heard.all).toEqual([bytes(1), bytes(2)]);
  });
}

/** Subscribes and keeps what comes. */
export async function listening(node: Cluster, subject: string, group?: string): Promise<Heard> {
  const heard = new Heard();
  await node.subscribe(subject, heard.receive, group);
  return heard;
}

/** Two nodes of a new cluster. */
export async function two(nodes: ClusterSuite["nodes"]): Promise<readonly [Cluster, Cluster]> {
  const [a, b] = await nodes("a", "b");
  if (!a || !b) throw new Error("the suite asked for two nodes");
  return [a, b];
}
