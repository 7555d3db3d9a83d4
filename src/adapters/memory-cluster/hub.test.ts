import { expect, it } from "vitest";
import { clusterSuite } from "../../testing/cluster-suite.ts";
import { memoryClusterHub } from "./hub.ts";

clusterSuite("memory", () => {
  const hub = memoryClusterHub();
  return {
    node: async (nodeId) => hub.node(nodeId),
    lose: async () => hub.lose(),
    restore: async () => hub.restore(),
  };
});

it("gives each name to one node at a time", async () => {
  const hub = memoryClusterHub();
  const first = hub.node("a");
  expect(() => hub.node("a")).toThrow(expect.objectContaining({ code: "ALREADY_EXISTS" }));
  await first.close();
  expect(hub.node("a").nodeId).toBe("a");
});

it("can be lost by one node, which the others go on without", async () => {
  const hub = memoryClusterHub();
  const [a, b, c] = [hub.node("a"), hub.node("b"), hub.node("c")];
  const heard: string[] = [];
  for (const node of [b, c]) await node.subscribe("news", () => heard.push(node.nodeId));
  hub.lose("b");
  await a.publish("news", new Uint8Array());
  await expect(b.publish("news", new Uint8Array())).rejects.toMatchObject({ code: "UNAVAILABLE" });
  hub.restore("b");
  await b.publish("news", new Uint8Array());
  await Promise.resolve();
  expect(heard).toEqual(["c", "b", "c"]);
});
