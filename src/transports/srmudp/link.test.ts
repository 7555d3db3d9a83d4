import { expect, test } from "vitest";
import {
  established,
  FAR,
  isEstablished,
  NEAR,
  network,
  opened,
  type Peer,
  pattern,
  two,
} from "../../../test/srmudp/peers.ts";
import { openSrmudp } from "./open-srmudp.ts";

const SIZES = [0, 1, 1_425, 1_426, 1_427, 2_852, 5_000, 65_536, 1_000_000];

test("carries messages of every size whole and in order, and says when they have arrived", async () => {
  const { network, near, far } = await established();
  let acknowledged = 0;
  for (const size of SIZES) void near.link.send(pattern(size)).then(() => (acknowledged += 1));
  await network.until(() => far.received.length === SIZES.length, 5_000);
  await network.until(() => acknowledged === SIZES.length, 1_000);
  expect(far.received.map(({ length }) => length)).toEqual(SIZES);
  expect(Buffer.compare(far.received.at(-1) ?? Buffer.alloc(0), pattern(1_000_000))).toBe(0);
});

test("is established at both ends with one key in any weather", async () => {
  for (let seed = 1; seed <= 50; seed++) {
    const weather = { double: 20, reorder: 20, loss: 10, delayMs: 3 };
    const { network, near, far } = await two(weather, seed);
    await network.until(() => isEstablished(near) && isEstablished(far), 10_000);
    void near.link.send(pattern(5)).catch(() => {});
    void far.link.send(pattern(6)).catch(() => {});
    await network.until(() => near.received.length + far.received.length === 2, 10_000);
    const told = [...near.states, ...far.states].map(({ state }) => state);
    expect(told, `seed ${seed}`).toEqual(["established", "established"]);
  }
}, 60_000);

test("loses nothing, repeats nothing and keeps the order in the worst weather", async () => {
  const weather = { double: 10, reorder: 10, loss: 15, delayMs: 20 };
  const { network, near, far } = await established(weather, 7);
  const sizes = Array.from({ length: 200 }, (_, at) => (at * 977) % 9_000);
  for (const size of sizes) void near.link.send(pattern(size));
  await network.until(() => far.received.length >= sizes.length, 60_000);
  expect(far.received.map(({ length }) => length)).toEqual(sizes);
  expect(
    far.received.every((message) => message.every((byte, at) => byte === (at * 7) % 251)),
  ).toBe(true);
}, 60_000);

test("a message whose only packet is lost arrives within a second", async () => {
  const { network, near, far } = await established({ delayMs: 25 });
  for (let round = 0; round < 20; round++) {
    let lost = false;
    network.passes = ({ bytes, from }) => {
      const first = !lost && from.port === near.link.local.port && bytes.length === 46 + 9;
      if (first) lost = true;
      return !first;
    };
    const expected = far.received.length + 1;
    void near.link.send(pattern(9));
    const tookMs = await network.until(() => far.received.length === expected, 5_000);
    expect(lost).toBe(true);
    expect(tookMs).toBeLessThan(1_000);
  }
});

test("a reader that takes nothing makes the sender wait, and lose nothing", async () => {
  const between = network();
  const near = await opened(between, NEAR, FAR);
  const unread = await openSrmudp({
    clock: between.clock,
    remote: NEAR,
    socket: between.socket(FAR),
    maxWaitingBytes: 50_000,
  });
  let acknowledged = 0;
  for (let count = 0; count < 300; count++) {
    void near.link.send(pattern(10_000)).then(() => (acknowledged += 1));
  }
  await between.pass(5_000);
  expect(acknowledged).toBeLessThan(30);
  const received: number[] = [];
  void (async () => {
    for await (const { length } of unread.messages) received.push(length);
  })();
  await between.until(() => acknowledged === 300 && received.length === 300, 30_000);
  expect(received).toEqual(Array.from({ length: 300 }, () => 10_000));
  expect(near.link.statistics.repeatedPackets).toBe(0);
});

test("an orderly close delivers everything first and tells the other end", async () => {
  const { network, near, far } = await established({ delayMs: 10, loss: 5 }, 3);
  let acknowledged = false;
  void near.link.send(pattern(300_000)).then(() => (acknowledged = true));
  void near.link.close();
  await network.until(() => far.link.state.state === "closed", 10_000);
  expect(acknowledged).toBe(true);
  expect(far.received.map(({ length }) => length)).toEqual([300_000]);
  expect(far.states.at(-1)).toEqual({ state: "closed" });
  await network.until(() => near.link.state.state === "closed", 10_000);
});

test("a FIN that is lost is said again, and a lost answer is given again", async () => {
  const { network, near, far } = await established({ delayMs: 5 });
  let lost = 0;
  network.passes = () => {
    lost += 1;
    return lost > 3;
  };
  void near.link.close();
  await network.until(() => far.link.state.state === "closed", 5_000);
  await network.until(() => near.link.state.state === "closed", 5_000);
  expect(near.states.at(-1)).toEqual({ state: "closed" });
});

test("comes back by itself after a break, with what had not left, and tells what was lost", async () => {
  const options = { timeoutMs: 5_000, spanMs: 1_000 };
  const { network, near, far } = await established({ delayMs: 10 }, 1, options);
  network.passes = () => false;
  const fate: string[] = [];
  const send = (name: string, length: number) =>
    near.link.send(pattern(length)).then(
      () => fate.push(`${name} arrived`),
      () => fate.push(`${name} unknown`),
    );
  void send("first", 100);
  await network.until(() => near.link.state.state === "reconnecting", 10_000);
  await network.pass(3_000);
  expect(fate).toEqual(["first unknown"]);
  void send("second", 200);
  network.passes = () => true;
  await network.until(() => isEstablished(near) && isEstablished(far), 10_000);
  await network.until(() => far.received.length === 1, 5_000);
  await network.pass(1_000);
  expect(fate).toEqual(["first unknown", "second arrived"]);
  expect(far.received.map(({ length }) => length)).toEqual([200]);
  expect(near.states.map(({ state }) => state)).toEqual([
    "established",
    "reconnecting",
    "established",
  ]);
});

test("goes on where the peer's address has changed, without a break", async () => {
  const { network, near, far } = await established();
  const moved = { host: "198.51.100.9", port: 4_444 };
  const rebound = network.socket(moved);
  // What the near end sends comes from another address now, as behind a NAT that was restarted.
  network.passes = ({ bytes, from, to }) => {
    if (from.port !== near.link.local.port || from.host !== near.link.local.host) return true;
    network.send(bytes, moved, to);
    return false;
  };
  rebound.receive((bytes) => network.send(bytes, far.link.local, near.link.local));
  void near.link.send(pattern(3_000));
  await network.until(() => far.received.length === 1, 5_000);
  expect(far.link.remote).toEqual(moved);
  void far.link.send(pattern(4_000));
  await network.until(() => near.received.length === 1, 5_000);
  expect(far.states).toHaveLength(1);
});

test("a wrong secret is told within three seconds, and nothing is ever established", async () => {
  const between = network({ delayMs: 25, loss: 2 }, 5);
  const near = await opened(between, NEAR, FAR, { secret: "one" });
  const other = await opened(between, FAR, NEAR, { secret: "another" });
  const closed = ({ link }: Peer) => link.state.state === "closed";
  await between.until(() => closed(near) && closed(other), 3_000);
  for (const { states } of [near, other]) {
    expect(states).toMatchObject([
      { state: "closed", reason: { code: "UNAUTHENTICATED", details: { reason: "auth_failed" } } },
    ]);
  }
});

test("the right secret is established and told as authenticated, in bad weather too", async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const weather = { loss: 10, double: 10, reorder: 10, delayMs: 25 };
    const { near, far } = await established(weather, seed, { secret: "shared between both" });
    expect(near.states).toMatchObject([{ state: "established", authenticated: true }]);
    expect(far.states).toMatchObject([{ state: "established", authenticated: true }]);
  }
}, 30_000);

test("without a secret the state says that nobody was authenticated", async () => {
  const { near } = await established();
  expect(near.states).toMatchObject([{ state: "established", authenticated: false }]);
});

test("keeps an idle link alive by pings alone", async () => {
  const { network, near, far } = await established();
  await network.pass(120_000, 50);
  expect(near.states).toHaveLength(1);
  expect(far.states).toHaveLength(1);
});
