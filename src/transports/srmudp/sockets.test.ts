/** The same over sockets of this machine. */
import { afterEach, expect, test } from "vitest";
import { pattern } from "../../../test/srmudp/peers.ts";
import type { Endpoint } from "../../core/contracts/datagram-socket.ts";
import { bindUdp } from "../udp/datagram-socket.ts";
import { openSrmudp, type SrmudpLink } from "./open-srmudp.ts";

const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.close();
});

async function two(host: string): Promise<[SrmudpLink, SrmudpLink]> {
  const here = await bindUdp({ host, port: 0 });
  const there = await bindUdp({ host, port: 0 });
  const near = await openSrmudp({ socket: here, remote: there.address });
  const far = await openSrmudp({ socket: there, remote: here.address });
  opened.push(near, far);
  return [near, far];
}

test.each(["127.0.0.1", "::1"])(
  "carries a megabyte over %s and says when it is there",
  async (host) => {
    const [near, far] = await two(host);
    const arrival = far.messages[Symbol.asyncIterator]().next();
    await near.send(pattern(1_000_000));
    const { value } = await arrival;
    expect(Buffer.compare(value, pattern(1_000_000))).toBe(0);
  },
);

test("STUN datagrams pass by the link over its own port", async () => {
  const [near, far] = await two("127.0.0.1");
  await near.send(pattern(10));
  const question = new Uint8Array(20);
  question.set([0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42]);
  const heard = new Promise<Endpoint>((resolve) => near.stun.receive((_, from) => resolve(from)));
  far.stun.send(question, near.local);
  expect(await heard).toEqual(far.local);
  await near.send(pattern(10));
});

test("says which port is taken, and which name nobody knows", async () => {
  const taken = await bindUdp({ host: "127.0.0.1", port: 0 });
  opened.push(taken);
  const remote = { host: "127.0.0.1", port: 9 };
  await expect(openSrmudp({ bind: taken.address, remote })).rejects.toMatchObject({
    code: "ALREADY_EXISTS",
  });
  const unknown = { host: "nobody.invalid", port: 9 };
  await expect(openSrmudp({ remote: unknown })).rejects.toMatchObject({ code: "UNAVAILABLE" });
});

test("a link that is closed before anybody came frees its port", async () => {
  const waiting = await openSrmudp({
    bind: { host: "127.0.0.1", port: 0 },
    remote: { host: "127.0.0.1", port: 9 },
  });
  const lost = expect(waiting.send(pattern(1))).rejects.toMatchObject({ code: "UNAVAILABLE" });
  await waiting.close();
  await lost;
  opened.push(await bindUdp(waiting.local));
});
