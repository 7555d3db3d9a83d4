import { afterEach, expect, test } from "vitest";
import type { DatagramSocket, Endpoint } from "../../core/contracts/datagram-socket.ts";
import { bindUdp } from "./datagram-socket.ts";

const opened: DatagramSocket[] = [];

afterEach(async () => {
  for (const socket of opened.splice(0)) await socket.close();
});

async function bound(host: string): Promise<DatagramSocket> {
  const socket = await bindUdp({ host, port: 0 });
  opened.push(socket);
  return socket;
}

function next(socket: DatagramSocket): Promise<{ bytes: Uint8Array; from: Endpoint }> {
  return new Promise((resolve) => socket.receive((bytes, from) => resolve({ bytes, from })));
}

test.each(["127.0.0.1", "::1"])(
  "carries a datagram at %s and tells where it is from",
  async (h) => {
    const [near, far] = [await bound(h), await bound(h)];
    const arrival = next(far);
    near.send(Uint8Array.of(1, 2, 3), far.address);
    const { bytes, from } = await arrival;
    expect([...bytes]).toEqual([1, 2, 3]);
    expect(from).toEqual(near.address);
  },
);

test("speaks with IPv4 peers through a socket for both families", async () => {
  const [near, far] = [await bound("127.0.0.1"), await bound("::")];
  const there = next(far);
  near.send(Uint8Array.of(1), { host: "127.0.0.1", port: far.address.port });
  expect((await there).from).toEqual(near.address);
  const back = next(near);
  far.send(Uint8Array.of(2), near.address);
  expect([...(await back).bytes]).toEqual([2]);
});

test("loses in silence what cannot be sent", async () => {
  const socket = await bound("127.0.0.1");
  socket.send(new Uint8Array(70_000), socket.address);
  socket.send(Uint8Array.of(1), { host: "no address", port: 1 });
  socket.send(Uint8Array.of(1), { host: "127.0.0.1", port: 99_999 });
  const arrival = next(socket);
  socket.send(Uint8Array.of(9), socket.address);
  expect([...(await arrival).bytes]).toEqual([9]);
});

test("takes and sends nothing after it was closed, and may be closed twice", async () => {
  const socket = await bound("127.0.0.1");
  await socket.close();
  socket.send(Uint8Array.of(1), socket.address);
  await expect(socket.close()).resolves.toBeUndefined();
});

test("says that a port is taken, and that a name is no address", async () => {
  const { address } = await bound("127.0.0.1");
  await expect(bindUdp(address)).rejects.toMatchObject({ code: "ALREADY_EXISTS" });
  const named = { host: "localhost", port: 0 };
  await expect(bindUdp(named)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  const foreign = { host: "192.0.2.1", port: 0 };
  await expect(bindUdp(foreign)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
});
