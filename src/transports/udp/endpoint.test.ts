import { afterEach, expect, test } from "vitest";
import { join } from "../../bytes/join.ts";
import type { Endpoint } from "../../core/contracts/datagram-socket.ts";
import type { Channel } from "../../core/contracts/transport.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { formatControl } from "./control.ts";
import {
  type AgreedPath,
  type UdpChannel,
  type UdpEndpoint,
  type UdpNetwork,
  type UdpOptions,
  udpNetwork,
} from "./index.ts";
import { createUdx } from "./udx.ts";

const HERE: Endpoint = { host: "127.0.0.1", port: 0 };
const OVER = new SealwireError("CANCELLED", "the test is over");
const bound: UdpEndpoint[] = [];
const open: Channel[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((channel) => channel.close(OVER)));
  await Promise.all(bound.splice(0).map((endpoint) => endpoint.close()));
});

function bind(network: UdpNetwork = udpNetwork(), place = HERE): UdpEndpoint {
  const endpoint = network.bind(place);
  bound.push(endpoint);
  return endpoint;
}

/** A channel from `near` to `far`, and its other end. */
async function opened(near: UdpEndpoint, far: UdpEndpoint): Promise<[UdpChannel, UdpChannel]> {
  const arrivals = far.accept();
  const { signal } = new AbortController();
  const opening = near.open(far.address, { signal });
  const arrival = await arrivals[Symbol.asyncIterator]().next();
  const channel = await opening;
  open.push(channel, arrival.value);
  return [channel, arrival.value];
}

async function read(channel: Channel, length: number): Promise<Uint8Array> {
  const chunks = channel[Symbol.asyncIterator]();
  let got = new Uint8Array(0);
  while (got.length < length) {
    const { done, value } = await chunks.next();
    if (done) break;
    got = join([got, value]);
  }
  return got;
}

const agreed = (
  remote: Endpoint,
  ours: number,
  theirs: number,
  initiator: boolean,
): AgreedPath => ({
  ...{ remote, initiator, secret: new Uint8Array(32).fill(3) },
  localStream: ours,
  remoteStream: theirs,
});

function attached(near: UdpEndpoint, far: UdpEndpoint): [UdpChannel, UdpChannel] {
  const both: [UdpChannel, UdpChannel] = [
    near.attach(agreed(far.address, 1_001, 2_002, true)),
    far.attach(agreed(near.address, 2_002, 1_001, false)),
  ];
  open.push(...both);
  return both;
}

test("two who have agreed have a channel at once", async () => {
  const [near, far] = attached(bind(), bind());
  near.write([Uint8Array.of(1, 2, 3)]);
  far.write([Uint8Array.of(4)]);
  expect(await read(far, 3)).toEqual(Uint8Array.of(1, 2, 3));
  expect(await read(near, 1)).toEqual(Uint8Array.of(4));
});

test("refuses a stream number that is in use, and secrets of another length", () => {
  const [one, other] = [bind(), bind()];
  attached(one, other);
  expect(() => one.attach(agreed(other.address, 1_001, 5, true))).toThrow(
    expect.objectContaining({ code: "ALREADY_EXISTS" }),
  );
  const short = { ...agreed(other.address, 7, 8, true), secret: new Uint8Array(8) };
  expect(() => one.attach(short)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
});

test("goes on over another socket of its own, and the peer follows", async () => {
  const network = udpNetwork({ pingActiveMs: 20 });
  const [home, away, server] = [bind(network), bind(network), bind()];
  const [near, far] = await opened(home, server);
  const followed = new Promise<Endpoint>((resolve) => far.onPath(({ remote }) => resolve(remote)));
  await near.move(server.address, away);
  expect(await followed).toEqual(away.address);
  near.write([Uint8Array.of(1)]);
  far.write([Uint8Array.of(2)]);
  expect(await read(far, 1)).toEqual(Uint8Array.of(1));
  expect(await read(near, 1)).toEqual(Uint8Array.of(2));
  expect([home.channels, away.channels]).toEqual([0, 1]);
});

test("loses, doubles and reorders nothing while it moves to and fro under load", async () => {
  const network = udpNetwork({ pingActiveMs: 20 });
  const [home, away, server] = [bind(network), bind(network), bind()];
  const [near, far] = await opened(home, server);
  const sent = Uint8Array.from({ length: 3_000_000 }, (_, at) => (at * 7 + (at >> 11)) & 0xff);
  const reading = read(far, sent.length);
  for (let at = 0; at < sent.length; at += 100_000) {
    if (at % 600_000 === 0) await near.move(server.address, at % 1_200_000 === 0 ? away : home);
    await near.write([sent.subarray(at, at + 100_000)]);
  }
  const received = await reading;
  expect(received.length).toBe(sent.length);
  expect(received.every((byte, at) => byte === sent[at])).toBe(true);
});

test("cannot move to an endpoint of another network", async () => {
  const [near] = attached(bind(), bind());
  await expect(near.move(HERE, bind())).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
});

test("shares its socket with other protocols, each with what it claims", async () => {
  const [one, other] = [bind(), bind()];
  const first = one.share((bytes) => bytes[0] === 1);
  const second = one.share((bytes) => bytes[0] === 2);
  const sender = other.share(() => false);
  const took: string[] = [];
  first.receive((bytes) => took.push(`first ${bytes[1]}`));
  const done = new Promise<Endpoint>((resolve) => {
    second.receive((bytes, from) => {
      took.push(`second ${bytes[1]}`);
      resolve(from);
    });
  });
  sender.send(Uint8Array.of(1, 7), one.address);
  sender.send(Uint8Array.of(9, 9), one.address);
  sender.send(Uint8Array.of(2, 8), one.address, 64);
  expect(await done).toEqual(other.address);
  expect(took).toEqual(["first 7", "second 8"]);
  expect(one.counters.foreign).toBe(1);
});

test("a part of a socket that was closed takes and sends nothing", async () => {
  const [one, other] = [bind(), bind()];
  const part = one.share(() => true);
  const heard = other.share(() => true);
  const took: number[] = [];
  const last = new Promise<void>((resolve) => {
    heard.receive(([first = 0]) => {
      took.push(first);
      if (first === 2) resolve();
    });
  });
  await part.close();
  part.send(Uint8Array.of(1), other.address);
  one.share(() => true).send(Uint8Array.of(2), other.address);
  await last;
  expect(took).toEqual([2]);
});

test("counts hostile datagrams and goes on", async () => {
  const [client, server, attacker] = [bind(), bind(), bind()];
  const [near, far] = await opened(client, server);
  const hostile = attacker.share(() => false);
  const say = (bytes: Uint8Array) => hostile.send(bytes, server.address);
  const [attempt, cookie, token] = [8, 20, 16].map((length) => new Uint8Array(length).fill(6));
  if (!attempt || !cookie || !token) throw new Error("unreachable");
  say(new Uint8Array(0));
  say(Uint8Array.of(0x53, 0x57, 0x75, 0x01, 0));
  say(formatControl({ kind: "open", attempt, stream: 5, token, cookie }));
  say(formatControl({ kind: "accept", attempt, stream: 5, token }));
  for (const kind of ["ping", "pong", "gone"] as const) {
    const [nonce, proof] = [new Uint8Array(8), new Uint8Array(16)];
    say(formatControl({ kind, stream: 5, sequence: 1n, nonce, epoch: 9, received: 0, proof }));
  }
  const spoofed = new Uint8Array(20);
  spoofed.set([0xff, 1, 8]);
  say(spoofed);
  near.write([Uint8Array.of(1, 2)]);
  expect(await read(far, 2)).toEqual(Uint8Array.of(1, 2));
  await until(() => server.counters.foreign >= 2);
  expect(server.counters).toMatchObject({ malformed: 1, forged: 1, stale: 4, refused: 0 });
});

test("refuses channels beyond its limit and says so", async () => {
  const limited: UdpOptions = { maxChannels: 1 };
  const [client, server] = [bind(), bind(udpNetwork(limited))];
  await opened(client, server);
  const { signal } = new AbortController();
  await expect(client.open(server.address, { signal })).rejects.toMatchObject({
    code: "UNAVAILABLE",
    message: expect.stringContaining("takes no more channels"),
  });
  expect(server.counters.refused).toBe(1);
});

test("tells a peer that asks for a channel which has ended", async () => {
  const [client, server] = [bind(udpNetwork({ pingIdleMs: 50, pingActiveMs: 20 })), bind()];
  const [near, far] = attached(client, server);
  near.write([Uint8Array.of(1)]);
  await read(far, 1);
  const reading = near[Symbol.asyncIterator]().next();
  await far.close(OVER);
  await expect(reading).rejects.toMatchObject({ code: "UNAVAILABLE" });
});

test("cuts off a peer that sends more than it may", async () => {
  const server = bind(udpNetwork({ maxWaitingBytes: 100_000 }));
  const udx = createUdx();
  const socket = udx.createSocket();
  socket.bind(0, HERE.host);
  const greedy = udx.createStream(1_001, { firewall: () => false });
  greedy.on("error", () => {}).connect(socket, 2_002, server.address.port, HERE.host);
  const far = server.attach(agreed(socket.address(), 2_002, 1_001, false));
  open.push(far);
  greedy.write(join([Uint8Array.of(0, 2, 0, 0), new Uint8Array(131_072)]));
  await until(() => server.channels === 0);
  let received = 0;
  await expect(
    (async () => {
      for await (const chunk of far) received += chunk.length;
    })(),
  ).rejects.toMatchObject({ code: "PROTOCOL_VIOLATION" });
  expect(received).toBeLessThanOrEqual(100_000);
  greedy.destroy();
  await socket.close();
});

test("an endpoint that is closed opens, attaches and accepts nothing", async () => {
  const endpoint = bind();
  await endpoint.close();
  const closed = expect.objectContaining({ code: "UNAVAILABLE" });
  const { signal } = new AbortController();
  await expect(endpoint.open(HERE, { signal })).rejects.toEqual(closed);
  expect(() => endpoint.accept()).toThrow(closed);
  expect(() => endpoint.attach(agreed(HERE, 1, 2, true))).toThrow(closed);
});

test("closing an endpoint ends what is being opened, and waits for its channels", async () => {
  const [client, server] = [bind(), bind()];
  const [near] = attached(client, server);
  const { signal } = new AbortController();
  const opening = client.open(server.address, { signal });
  const closing = client.close();
  await expect(opening).rejects.toMatchObject({ code: "UNAVAILABLE" });
  let closed = false;
  void closing.then(() => {
    closed = true;
  });
  expect(closed).toBe(false);
  await near.close(OVER);
  await closing;
});

/** Until it is so; vitest's own limit ends it otherwise. */
async function until(so: () => boolean): Promise<void> {
  while (!so()) await new Promise((resolve) => setImmediate(resolve));
}
