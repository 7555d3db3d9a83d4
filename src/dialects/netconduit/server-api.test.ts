import { afterEach, describe, expect, test } from "vitest";
import { closeMeetings, serving } from "../../../test/netconduit/meetings.ts";
import { frameOf, type RawPeer, requestOf } from "../../../test/netconduit/peers.ts";
import { NODE_PLATFORM } from "../../presets/platform.node.ts";
import { manualClock } from "../../testing/manual-clock.ts";
import { FRAME_TYPES } from "./frame.ts";

// What the original's inventory has of the server's side, as its clients see it.

const closing: (() => Promise<void>)[] = [];

afterEach(() => closeMeetings(closing));

/** A server with so many clients that have logged in and may be spoken to. */
async function served(count: number) {
  const { server, peer, connect } = await serving(closing, { dialect: { quietMs: 0 } });
  const peers: RawPeer[] = [peer];
  while (peers.length < count) peers.push(await connect());
  for (const each of peers) {
    await each.logIn();
    // Who is answered is among the connections.
    await heardBy(each);
  }
  return { server, peers, ids: [...server.connections.keys()] };
}

function message(type: string, data: unknown): Uint8Array {
  return frameOf(FRAME_TYPES.message, { type, data });
}

/** Everything that was said before the next answer to a ping. */
async function heardBy(peer: RawPeer): Promise<readonly unknown[]> {
  const heard: unknown[] = [];
  peer.send(frameOf(FRAME_TYPES.ping));
  for (;;) {
    const frame = await peer.next();
    if (frame === undefined || frame.type === FRAME_TYPES.pong) return heard;
    heard.push(frame.value);
  }
}

describe("the server's side", () => {
  test("a broadcast reaches all but those who are excluded, and says how many", async () => {
    const { server, peers, ids } = await served(3);
    const [first = ""] = ids;
    const excluded = server.connections.get(first);
    const told = await server.broadcast("news", 1, excluded ? { exclude: excluded } : {});
    expect(told).toEqual({ delivered: 2, skipped: 0 });
    const heard = await Promise.all(peers.map(heardBy));
    const news = [{ type: "news", data: 1 }];
    expect(heard).toEqual([[], news, news]);
  });

  test("one client can be told something that the others do not hear", async () => {
    const { server, peers, ids } = await served(2);
    await server.connections.get(ids[1] ?? "")?.emit("private", { text: "hi" });
    expect(await Promise.all(peers.map(heardBy))).toEqual([
      [],
      [{ type: "private", data: { text: "hi" } }],
    ]);
  });

  test("receivers and handlers know who speaks to them, and by which name", async () => {
    const { server, peers, ids } = await served(2);
    server.onEvent("identify", (_, { id }) => [id, server.connections.get(id)?.about.name]);
    server.procedure("who", (call) => call.peer.id);
    for (const [at, peer] of peers.entries()) {
      peer.send(message("identify", {}), requestOf(1, "who"));
      expect(await heardBy(peer)).toEqual(
        expect.arrayContaining([
          { type: "identify_response", data: [ids[at], "raw"] },
          { success: true, result: { success: true, data: ids[at] } },
        ]),
      );
    }
  });

  test("of several receivers all run, and the last one's result is the answer", async () => {
    const { server, peers } = await served(1);
    const ran: string[] = [];
    server.onEvent("ask", () => ran.push("first"));
    server.onEvent("ask", () => `second after ${ran.join()}`);
    peers[0]?.send(message("ask", 1));
    const answer = { type: "ask_response", data: "second after first" };
    expect(await peers[0]?.next()).toMatchObject({ value: answer });
  });

  test("a name that is taken is an error, not another procedure behind its back", async () => {
    const { server } = await served(1);
    expect(() => server.procedure("echo", () => 1)).toThrow(
      expect.objectContaining({ code: "ALREADY_EXISTS" }),
    );
  });

  test("the hook of a disconnection is told that a client fell silent", async () => {
    const clock = manualClock();
    const platform = { ...NODE_PLATFORM, clock };
    const { peer, server } = await serving(closing, { platform });
    await peer.logIn();
    const gone = new Promise((resolve) => server.onDisconnect((_, reason) => resolve(reason)));
    peer.send(requestOf(1, "echo"));
    expect((await peer.next())?.id).toBe(1);
    clock.advance(30_000);
    expect((await peer.next())?.type).toBe(FRAME_TYPES.ping);
    clock.advance(60_000);
    expect(await gone).toMatchObject({ code: "UNAVAILABLE" });
  });

  test("a connection counts what went over it, and knows when it began", async () => {
    const { server, peers, ids } = await served(1);
    const connection = server.connections.get(ids[0] ?? "");
    const { receivedMessages: before = 0 } = connection?.statistics ?? {};
    peers[0]?.send(requestOf(1, "echo", { value: 1 }));
    await peers[0]?.next();
    expect(connection?.statistics).toMatchObject({
      receivedMessages: before + 1,
      sentBytes: expect.any(Number),
    });
    expect(connection?.since).toBeGreaterThan(0);
  });
});
