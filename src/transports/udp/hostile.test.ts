import { afterEach, expect, test } from "vitest";
import {
  agreed,
  attached,
  bind,
  closeAll,
  HERE,
  keep,
  OVER,
  opened,
  read,
  until,
} from "../../../test/udp/endpoints.ts";
import { formatControl } from "./control.ts";
import { type UdpEndpoint, type UdpOptions, udpNetwork } from "./index.ts";
import { Outflow } from "./outflow.ts";
import { PartPool } from "./part-pool.ts";
import { checkSeed } from "./path-proof.ts";
import { createUdx } from "./udx.ts";
import { LEAST_ROOM_BYTES } from "./udx-landing.ts";

afterEach(closeAll);

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
    say(
      formatControl({
        kind,
        stream: 5,
        sequence: 1n,
        nonce,
        epoch: 9,
        received: 0,
        arrived: 0,
        proof,
      }),
    );
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

/** A peer that holds to nothing, and an endpoint that has agreed with it. */
function rude(server: UdpEndpoint) {
  const udx = createUdx();
  const socket = udx.createSocket();
  socket.bind(0, HERE.host);
  const landing = { room: new Uint8Array(LEAST_ROOM_BYTES), landed: () => {} };
  const stream = udx.createStream(1_001, { firewall: () => false, landing });
  stream.on("error", () => {}).connect(socket, 2_002, server.address.port, HERE.host);
  const path = agreed(socket.address(), 2_002, 1_001, false);
  const far = server.attach(path);
  keep(far);
  const leave = () => {
    stream.destroy();
    return socket.close();
  };
  return { far, stream, leave, seed: checkSeed(path.secret, true) };
}

test("cuts off a peer that sends more than it may", async () => {
  const server = bind(udpNetwork({ maxWaitingBytes: 100_000 }));
  const { far, stream, seed, leave } = rude(server);
  const greedy = new Outflow({
    ...{ pool: new PartPool(), seed },
    put(piece) {
      for (const { bytes } of piece) stream.write(bytes);
      return true;
    },
    flight: { allowance: () => Infinity, sent: () => {} },
  });
  greedy.grant(131_072);
  greedy.write([new Uint8Array(131_072)]);
  await until(() => server.channels === 0);
  let received = 0;
  await expect(
    (async () => {
      for await (const chunk of far) received += chunk.length;
    })(),
  ).rejects.toMatchObject({ code: "PROTOCOL_VIOLATION" });
  expect(received).toBeLessThanOrEqual(100_000);
  await leave();
});
