import { describe, expect, test } from "vitest";
import { SealwireError } from "../../src/core/model/errors.ts";
import { cut, join, returning } from "./returning.ts";
import { turns } from "./world.ts";

const PUBLIC = { public: true };
const { begin, pass } = returning();

describe("a session that cannot go on", () => {
  test("ends when its time is over: calls fail, and the client connects anew", async () => {
    const there = await begin({ resume: { windowMs: 5_000 } });
    const gone: unknown[] = [];
    there.server.onDisconnect((peer) => void gone.push(peer.id));
    there.server.procedure("never", PUBLIC, () => new Promise(() => {}));
    const { client, states } = await join(there);
    const call = client.call("never").catch((error: SealwireError) => error.code);
    await turns();
    there.transport.down = new SealwireError("UNAVAILABLE", "down");
    await cut(there);
    await pass(4_000);
    expect(gone).toEqual([]);
    await pass(1_000);
    expect([gone, await call]).toEqual([["c1"], "UNAVAILABLE"]);
    there.transport.down = undefined;
    await pass(1_000);
    expect([states.at(-1), client.connection?.id]).toEqual(["open", "s2"]);
  });

  test("is forgotten when the server was started again, and features hear of the break", async () => {
    const there = await begin();
    const { client } = await join(there);
    const told: string[] = [];
    client.install((host) => host.onState((state) => void told.push(state)));
    const { connections } = there.server;
    await cut(there);
    await connections.get("c1")?.close(new SealwireError("INTERNAL", "forgotten"));
    expect(connections.size).toBe(0);
    await pass(100);
    expect([client.connection?.id, told]).toEqual(["s2", ["broken", "open"]]);
    expect(there.server.sessions).toMatchObject({ resumed: 0, refused: 1 });
  });

  test("is given up when more waits for it than is kept", async () => {
    const there = await begin({ resume: { maxHeldBytes: 10_000 } });
    there.server.event("tick", PUBLIC);
    const { client } = await join(there);
    await client.onEvent("tick", () => {}).ready;
    await cut(there);
    for (let i = 0; i < 12; i++) await there.server.broadcast("tick", "x".repeat(1_000));
    await turns();
    expect([there.server.connections.size, there.server.sessions.away]).toEqual([0, 0]);
    await pass(100);
    expect(client.connection?.id).toBe("s2");
  });

  test("is the one that waits longest, when too many wait", async () => {
    const there = await begin({ resume: { maxSessions: 2 } });
    for (let i = 0; i < 3; i++) await join(there);
    there.transport.down = new SealwireError("UNAVAILABLE", "down");
    for (const tap of there.transport.taps) {
      tap.break();
      await turns();
    }
    expect([...there.server.connections.keys()]).toEqual(["c2", "c3"]);
  });

  test("ends at once when the server closes, or the client does", async () => {
    const there = await begin();
    const { client } = await join(there);
    await join(there);
    there.transport.down = new SealwireError("UNAVAILABLE", "down");
    for (const tap of there.transport.taps) tap.break();
    await turns();
    await client.close();
    expect(client.state).toBe("closed");
    await there.server.close({ drainMs: 10_000 });
    expect(there.server.connections.size).toBe(0);
  });

  test("is not kept after a goodbye", async () => {
    const there = await begin();
    const { client } = await join(there);
    await client.close();
    await turns();
    expect([there.server.connections.size, there.server.sessions.away]).toEqual([0, 0]);
  });

  test("is none where one of the two does not want it", async () => {
    for (const [server, own] of [
      [{ resume: false }, {}],
      [{}, { resume: false }],
    ] as const) {
      const there = await begin(server);
      const { states } = await join(there, own);
      await cut(there);
      await pass(100);
      expect(states).toEqual(["broken", "connecting", "open"]);
    }
  });

  test("is none for a principal that is withdrawn meanwhile", async () => {
    const withdrawn = new AbortController();
    const principal = { id: "ann", scopes: new Set<string>(), revoked: withdrawn.signal };
    const there = await begin({ authenticator: { authenticate: async () => principal } });
    const { client } = await join(there);
    await cut(there);
    withdrawn.abort();
    await turns();
    expect(there.server.connections.size).toBe(0);
    await pass(100);
    expect(there.server.sessions).toMatchObject({ resumed: 0, refused: 1 });
    expect(client.connection?.id).not.toBe("s1");
  });
});
