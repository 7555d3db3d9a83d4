import { afterEach, expect, it, vi } from "vitest";
import { breakableTcp } from "../../../test/breakable-tcp.ts";
import { connect, createServer, type NodeServer } from "../../presets/node.ts";
import type { RoomsOptions } from "./options.ts";
import { roomClient } from "./room-client.ts";
import { rooms } from "./rooms.ts";

const soon = { timeout: 5_000, interval: 5 };
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A server on which sessions survive for so long without a channel. */
async function serving(windowMs: number, options: RoomsOptions = {}): Promise<NodeServer> {
  const server = createServer({
    authenticator: { authenticate: async () => ({ id: "guest", scopes: new Set<string>() }) },
    resume: { windowMs },
  });
  server.install(rooms(options));
  await server.listen("tcp://127.0.0.1:0");
  closing.push(() => server.close({ drainMs: 0 }));
  return server;
}

/** A client in the lobby whose ways the test can break, and bar. */
async function guest(server: NodeServer) {
  const { transport, cut, free } = breakableTcp();
  const client = await connect(server.address ?? "", {
    pin: await server.fingerprint(),
    transport,
    reconnect: { baseMs: 1, maxMs: 5 },
  });
  closing.push(() => client.close());
  const room = client.install(roomClient()).room("lobby");
  const said: unknown[] = [];
  const presence: string[] = [];
  room.on("say", (data) => void said.push(data));
  room.onPresence(({ change }) => void presence.push(change));
  await room.join();
  return {
    client,
    room,
    said,
    presence,
    cut,
    free,
  };
}

it("shows who lost its way as away at once, and as back with its session, which missed nothing", async () => {
  const server = await serving(30_000);
  const [ann, bob] = [await guest(server), await guest(server)];
  await vi.waitFor(() => expect(ann.room.members).toHaveLength(2), soon);
  const mine = bob.room.me;
  bob.cut();
  await vi.waitFor(() => expect(ann.presence.at(-1)).toBe("away"), soon);
  for (let n = 0; n < 5; n++) await ann.room.emit("say", n);
  bob.free();
  await vi.waitFor(() => expect(ann.presence.at(-1)).toBe("back"), soon);
  await vi.waitFor(() => expect(bob.said).toEqual([0, 1, 2, 3, 4]), soon);
  expect(bob.room.me).toBe(mine);
  expect(ann.presence).not.toContain("left");
});

it("counts the time of grace from when the way was lost", async () => {
  const server = await serving(100, { graceMs: 50 });
  const [ann, bob] = [await guest(server), await guest(server)];
  await vi.waitFor(() => expect(ann.room.members).toHaveLength(2), soon);
  bob.cut();
  await vi.waitFor(() => expect(ann.presence.slice(-2)).toEqual(["away", "left"]), soon);
  expect(ann.room.members).toHaveLength(1);
});
