import { expect, it } from "vitest";
import type { Channel, Transport } from "../core/contracts/transport.ts";
import { SealwireError } from "../core/model/errors.ts";
import { manualClock } from "../testing/manual-clock.ts";
import { memoryPair } from "../transports/memory/channel.ts";
import { anyNode } from "./any-node.ts";

const [A, B, C] = ["a", "b", "c"].map((name) => new URL(`memory://${name}`));
if (!A || !B || !C) throw new Error("three nodes");

/** Nodes that answer, refuse or say nothing. */
function nodes(states: Record<string, "answers" | "refuses" | "silent">) {
  const tried: string[] = [];
  const opened: Channel[] = [];
  const transport: Transport = {
    scheme: "memory",
    async connect({ hostname }, { signal }) {
      tried.push(hostname);
      const state = states[hostname];
      if (state === "refuses") throw new SealwireError("UNAVAILABLE", `${hostname} refuses`);
      if (state === "silent") {
        await new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
        });
      }
      const [near] = memoryPair();
      opened.push(near);
      return near;
    },
    listen: () => Promise.reject(new Error("not here")),
  };
  return { transport, tried, opened, states };
}

const signal = new AbortController().signal;

it("stays with the node that it reached, unless it comes back at once", async () => {
  const clock = manualClock(1_000_000);
  const world = nodes({ a: "answers", b: "answers", c: "answers" });
  const transport = anyNode(world.transport, [B, C], clock);
  await transport.connect(A, { signal });
  clock.advance(60_000);
  await transport.connect(A, { signal });
  clock.advance(1_000);
  await transport.connect(A, { signal });
  clock.advance(60_000);
  await transport.connect(A, { signal });
  expect(world.tried).toEqual(["a", "a", "b", "b"]);
});

it("goes to the next at once when one refuses, and tells why when all do", async () => {
  const clock = manualClock();
  const world = nodes({ a: "refuses", b: "refuses", c: "answers" });
  const transport = anyNode(world.transport, [B, C], clock);
  await transport.connect(A, { signal });
  expect(world.tried).toEqual(["a", "b", "c"]);
  world.states["c"] = "refuses";
  await expect(transport.connect(A, { signal })).rejects.toMatchObject({ code: "UNAVAILABLE" });
});

it("does not wait long for one that is silent, and ends with its caller", async () => {
  const clock = manualClock();
  const world = nodes({ a: "silent", b: "answers", c: "answers" });
  const transport = anyNode(world.transport, [B, C], clock);
  const connected = transport.connect(A, { signal });
  expect(world.tried).toEqual(["a"]);
  clock.advance(500);
  await connected;
  expect(world.tried).toEqual(["a", "b"]);
  expect(world.opened).toHaveLength(1);
  const silent = anyNode(nodes({ a: "silent", b: "silent" }).transport, [B], clock);
  const ended = new AbortController();
  const waiting = silent.connect(A, { signal: ended.signal });
  clock.advance(500);
  ended.abort(new SealwireError("CANCELLED", "enough"));
  await expect(waiting).rejects.toMatchObject({ message: "enough" });
});

it("refuses nodes of another scheme, and more than it may try", async () => {
  const { transport } = nodes({ a: "answers" });
  const mixed = anyNode(transport, [new URL("tcp://b:1")], manualClock());
  await expect(mixed.connect(A, { signal })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  const many = Array.from({ length: 100 }, () => B);
  expect(() => anyNode(transport, many, manualClock())).toThrow("otherNodes");
});
