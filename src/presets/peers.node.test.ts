import { afterEach, expect, test } from "vitest";
import { sharedSecret } from "../auth/shared-secret.ts";
import { randomBytes } from "../crypto/random.ts";
import type { PeerStatus } from "../peers/status.ts";
import { sameBytes } from "../testing/channel-ends.ts";
import { createServer, type NodeServer } from "./node.ts";
import { createPeer, type PeerServer, servePeers } from "./peers.node.ts";

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

async function meetingPlace(): Promise<PeerServer> {
  const place = await servePeers({ listen: "udp://127.0.0.1:0" });
  open.push(place);
  return place;
}

/** A server that only those can reach who hold the key. */
async function listening(rendezvous: string, key: Uint8Array): Promise<NodeServer> {
  const peer = await createPeer({ rendezvous, key });
  const server = createServer({ authenticator: sharedSecret(peer.secret) });
  open.push({ close: () => server.close({ drainMs: 0 }) });
  server.expose({ add: (a: number, b: number) => a + b });
  server.procedure("count", {}, async function* () {
    for (let i = 0; i < 100; i++) yield i;
  });
  server.event("news", {});
  await peer.listen(server);
  return server;
}

test("calls, streams and events go from peer to peer as over TCP, sealed by the key", async () => {
  const { address } = await meetingPlace();
  const key = randomBytes(32);
  const server = await listening(address.href, key);
  const statuses: PeerStatus[] = [];
  const peer = await createPeer({
    rendezvous: address.href,
    key,
    onStatus: (status) => void statuses.push(status),
  });
  const client = await peer.connect();
  open.push(client);
  expect(await client.call("add", [2, 3])).toBe(5);
  const numbers: unknown[] = [];
  for await (const number of client.stream("count")) numbers.push(number);
  expect(numbers).toHaveLength(100);
  const news = new Promise((resolve) => client.onEvent("news", resolve));
  await client.ping();
  await server.broadcast("news", { n: 1 });
  expect(await news).toEqual({ n: 1 });
  expect(statuses.map(({ status }) => status)).toContain("UDP_ESTABLISHED");
});

test("several peers reach one server at once, and a large value passes", async () => {
  const { address } = await meetingPlace();
  const key = randomBytes(32);
  const server = await listening(address.href, key);
  server.expose({ back: (bytes: Uint8Array) => bytes });
  const clients = await Promise.all(
    [1, 2, 3].map(async () => (await createPeer({ rendezvous: address.href, key })).connect()),
  );
  open.push(...clients);
  const large = randomBytes(1_000_000);
  const answers = await Promise.all(clients.map((client) => client.call("back", [large])));
  expect(answers.every((answer) => sameBytes(answer as Uint8Array, large))).toBe(true);
  expect(server.connections.size).toBe(3);
});

test("with another key nobody is found, and a server that does not take the secret says so", async () => {
  const { address } = await meetingPlace();
  const key = randomBytes(32);
  await listening(address.href, key);
  const stranger = await createPeer({ rendezvous: address.href, key: randomBytes(32) });
  await expect(stranger.connect({ connectTimeoutMs: 500 })).rejects.toMatchObject({
    code: "UNAVAILABLE",
  });
  const closed = createServer({ authenticator: sharedSecret(randomBytes(32)) });
  open.push({ close: () => closed.close({ drainMs: 0 }) });
  const other = randomBytes(32);
  await (await createPeer({ rendezvous: address.href, key: other })).listen(closed);
  const peer = await createPeer({ rendezvous: address.href, key: other });
  await expect(peer.connect()).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
});

test("refuses a weak key, and says that a rendezvous does not answer", async () => {
  const weak = createPeer({ rendezvous: "udp://127.0.0.1:9", key: "tuesday" });
  await expect(weak).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  const nowhere = await createPeer({ rendezvous: "udp://127.0.0.1:9", key: randomBytes(32) });
  const connecting = nowhere.connect({ connectTimeoutMs: 300 });
  await expect(connecting).rejects.toMatchObject({ code: "UNAVAILABLE" });
});
