import { afterEach, expect, test } from "vitest";
import {
  attached,
  bind,
  closeAll,
  HERE,
  opened,
  read,
  until,
} from "../../../test/udp/endpoints.ts";
import type { Endpoint } from "../../core/contracts/datagram-socket.ts";
import { sameBytes } from "../../testing/channel-ends.ts";
import { udpNetwork } from "./index.ts";

afterEach(closeAll);

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
  expect(sameBytes(await reading, sent)).toBe(true);
});

test("what was sent into a dead path arrives once there is another", async () => {
  const [client, server, hole] = [bind(udpNetwork({ pingActiveMs: 20 })), bind(), bind()];
  const [near, far] = await opened(client, server);
  const sent = Uint8Array.from({ length: 400_000 }, (_, at) => (at * 3 + (at >> 10)) & 0xff);
  near.write([sent.subarray(0, 100_000)]);
  far.write([sent.subarray(0, 5_000)]);
  expect(sameBytes(await read(far, 100_000), sent.subarray(0, 100_000))).toBe(true);
  await near.move(hole.address);
  near.write([sent.subarray(100_000, 300_000)]);
  await until(() => hole.counters.foreign > 5);
  await near.move(server.address);
  near.write([sent.subarray(300_000)]);
  expect(sameBytes(await read(far, 300_000), sent.subarray(100_000))).toBe(true);
  far.write([sent.subarray(5_000, 6_000)]);
  expect(sameBytes(await read(near, 6_000), sent.subarray(0, 6_000))).toBe(true);
});

test("cannot move to an endpoint of another network", async () => {
  const [near] = attached(bind(), bind());
  await expect(near.move(HERE, bind())).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
});
