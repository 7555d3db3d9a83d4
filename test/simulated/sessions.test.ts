import { describe, expect, test } from "vitest";
import { Gate } from "../../src/core/engine/gate.ts";
import type { Call } from "../../src/core/model/call.ts";
import { cut, join, returning } from "./returning.ts";
import { turns } from "./world.ts";

const PUBLIC = { public: true };
const { begin, pass } = returning();

describe("a session", () => {
  test("finishes calls in flight over another channel, each with one effect", async () => {
    const there = await begin();
    let effects = 0;
    const go = new Gate();
    there.server.procedure("slow", PUBLIC, async () => {
      effects += 1;
      await go.wait();
      return "done";
    });
    const { client, states } = await join(there);
    const call = client.call("slow");
    await turns();
    await cut(there);
    go.open();
    await pass(100);
    expect(await call).toBe("done");
    expect(effects).toBe(1);
    expect(states).toEqual(["broken", "connecting", "open recovered"]);
    expect(there.server.sessions).toEqual({ away: 0, resumed: 1, refused: 0 });
  });
});

describe("a session whose channel is lost", () => {
  test("goes on with streams both ways, without a gap", async () => {
    const there = await begin();
    const heard: unknown[] = [];
    there.server.procedure("mirror", PUBLIC, async function* (call: Call) {
      for await (const item of call.input) yield item;
    });
    const { client } = await join(there);
    const source = new Numbers();
    const reading = collect(client.stream("mirror", [], { input: source }), heard);
    for (const upTo of [5, 9, 14]) {
      source.goOn(upTo);
      await cut(there);
      await pass(1_000);
    }
    source.end();
    await reading;
    expect(heard).toEqual(Array.from({ length: 14 }, (_, i) => i));
  });

  test("has every event of the time without one, in order, and no sender waits", async () => {
    const there = await begin();
    there.server.event("tick", PUBLIC);
    const { client } = await join(there);
    const heard: unknown[] = [];
    await client.onEvent("tick", (value) => heard.push(value)).ready;
    await cut(there);
    for (let i = 0; i < 20; i++) await there.server.broadcast("tick", i);
    expect(heard).toEqual([]);
    await pass(100);
    expect(heard).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  test("is the same connection: no hook runs, and features hear of no break", async () => {
    const there = await begin();
    const told: string[] = [];
    there.server.onConnect((peer) => void told.push(`come ${peer.id}`));
    there.server.onDisconnect((peer) => void told.push(`gone ${peer.id}`));
    const { client } = await join(there);
    client.install((host) => host.onState((state) => void told.push(`feature ${state}`)));
    await cut(there);
    expect([client.state, there.server.connections.get("c1")?.away]).toEqual(["broken", true]);
    await pass(100);
    expect(client.connection?.id).toBe("s1");
    expect([told, there.server.connections.size]).toEqual([["come c1"], 1]);
    expect(there.server.connections.get("c1")).toMatchObject({ away: false, remote: "memory:2" });
  });

  test("lets calls of the server to the client finish", async () => {
    const there = await begin();
    const { client } = await join(there);
    const go = new Gate();
    client.procedure("slow", PUBLIC, async () => {
      await go.wait();
      return "done";
    });
    const call = there.server.connections.get("c1")?.call("slow");
    await turns();
    await cut(there);
    go.open();
    await pass(100);
    expect(await call).toBe("done");
  });

  test("to damage goes on too, and nothing is lost", async () => {
    const there = await begin();
    let effects = 0;
    there.server.procedure("count", PUBLIC, () => (effects += 1));
    const { client, states } = await join(there);
    expect(await client.call("count")).toBe(1);
    for (const expected of [2, 3]) {
      there.transport.taps.at(-1)?.damage();
      const call = client.call("count");
      await turns();
      await pass(1_000);
      expect(await call).toBe(expected);
    }
    expect(effects).toBe(3);
    expect(states.filter((state) => state === "open recovered").length).toBe(2);
    expect(there.server.sessions).toEqual({ away: 0, resumed: 2, refused: 0 });
  });

  test("to damage ends when the same record is refused again", async () => {
    const there = await begin();
    const { client } = await join(there);
    const ended: unknown[] = [];
    there.server.onDisconnect((_, error) => void ended.push(error));
    await client.call("$ping");
    for (const channel of ["first", "second"]) {
      // No record is of nothing, so neither end has sealed it.
      there.transport.taps.at(-1)?.inject(Uint8Array.of(0, 0, 0, 0));
      await turns();
      if (channel === "first") expect(ended).toEqual([]);
      await pass(100);
    }
    expect(ended).toEqual([expect.objectContaining({ code: "RECORD_REJECTED" })]);
  });

  test("is found out by the heartbeat, and taken from the channel that hangs", async () => {
    const there = await begin({ heartbeat: false });
    const { client, states } = await join(there);
    there.transport.taps.at(-1)?.stall();
    for (let i = 0; i < 9; i++) await pass(10_000);
    expect(states).toEqual(["broken", "connecting", "open recovered"]);
    expect(there.server.sessions).toMatchObject({ away: 0, resumed: 1 });
    expect(await client.call("$ping")).toBe(true);
  });
});

async function collect(items: AsyncIterable<unknown>, heard: unknown[]): Promise<void> {
  for await (const item of items) heard.push(item);
}

/** Counts from 0, as far as it is let. */
class Numbers implements AsyncIterableIterator<number, undefined> {
  readonly #gate = new Gate();
  #at = 0;
  #upTo = 0;
  #ended = false;

  goOn(upTo: number): void {
    this.#upTo = upTo;
    this.#gate.open();
  }

  end(): void {
    this.#ended = true;
    this.#gate.open();
  }

  async next(): Promise<IteratorResult<number, undefined>> {
    while (this.#at >= this.#upTo && !this.#ended) await this.#gate.wait();
    if (this.#at < this.#upTo) return { done: false, value: this.#at++ };
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
