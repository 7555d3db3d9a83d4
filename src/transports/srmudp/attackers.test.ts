/** What somebody can do who is not the peer: nothing but move a counter. */
import { expect, test } from "vitest";
import type { Seen } from "../../../test/srmudp/network.ts";
import { Original } from "../../../test/srmudp/original.ts";
import {
  established,
  FAR,
  isEstablished,
  NEAR,
  network,
  opened,
  pattern,
  type Two,
  two,
} from "../../../test/srmudp/peers.ts";
import type { Endpoint } from "../../core/contracts/datagram-socket.ts";
import { randomBytes } from "../../crypto/random.ts";
import { formatPublicKeyDatagram, PUNCH } from "./greeting-datagrams.ts";
import { greetingKey } from "./greeting-key.ts";
import { ACK, EOF, FIN, PSH, RTM } from "./packets.ts";
import { formatPublicKey } from "./public-key.ts";

const STRANGER: Endpoint = { host: "203.0.113.5", port: 666 };
const text = (words: string) => new TextEncoder().encode(words);

/** Some messages both ways, and everything that went over the cable. */
async function recorded(): Promise<Two & { readonly from: (there: Endpoint) => Seen[] }> {
  const both = await established();
  const { network, near, far } = both;
  for (const size of [10, 3_000]) {
    void near.link.send(pattern(size));
    void far.link.send(pattern(size + 1));
  }
  await network.until(() => near.received.length + far.received.length === 4, 3_000);
  await network.pass(4_000);
  const from = ({ port }: Endpoint) => network.seen.filter((seen) => seen.from.port === port);
  return { ...both, from };
}

/** Nothing has happened to either end, and they still understand each other. */
async function unharmed({ network, near, far }: Two, already = 2): Promise<void> {
  expect(near.states).toHaveLength(1);
  expect(far.states).toHaveLength(1);
  expect([near.received.length, far.received.length]).toEqual([already, already]);
  void near.link.send(text("still here"));
  void far.link.send(text("so am I"));
  await network.until(() => near.received.length + far.received.length === 2 * already + 2, 3_000);
}

test("reflection: packets sent back to who has sent them are known again and dropped", async () => {
  const all = await recorded();
  for (const { bytes } of all.from(NEAR)) all.network.send(bytes, FAR, NEAR);
  await all.network.pass(100);
  expect(all.near.link.statistics.reflected).toBeGreaterThan(5);
  await unharmed(all);
});

test("replay: every datagram of the session once more, in order and backwards", async () => {
  const all = await recorded();
  const old = all.from(NEAR);
  for (const { bytes, from, to } of [...old, ...old.toReversed()])
    all.network.send(bytes, from, to);
  await all.network.pass(1_000);
  expect(all.far.link.statistics.replayed).toBeGreaterThan(5);
  await unharmed(all);
});

test("replay: old packets keep no dead link alive", async () => {
  const { network, near, far } = await established({}, 1, { timeoutMs: 5_000 });
  void near.link.send(pattern(5_000));
  await network.pass(4_000);
  const old = network.seen.filter(({ from }) => from.port === NEAR.port);
  for (let round = 0; round < 60; round++) {
    network.passes = () => true;
    for (const { bytes } of old) network.send(bytes, NEAR, FAR);
    // The cable to the peer itself is cut.
    network.passes = () => false;
    await network.pass(100);
  }
  expect(old.length).toBeGreaterThan(5);
  expect(far.link.state.state).toBe("reconnecting");
});

test("replay: a recorded greeting changes nothing for a running session", async () => {
  const earlier = await recorded();
  const now = await recorded();
  const greetings = earlier.from(NEAR).filter(({ bytes }) => (bytes[0] ?? 9) < 4);
  for (const { bytes } of [...greetings, ...now.from(NEAR).slice(0, 6)]) {
    now.network.send(bytes, NEAR, FAR);
  }
  await now.network.pass(2_000);
  await unharmed(now);
});

test("a stranger's greetings have no effect, before and while a session runs", async () => {
  const both = await two();
  const stranger = new Original(both.network, STRANGER, FAR);
  stranger.punch();
  stranger.sendKey();
  await both.network.until(() => isEstablished(both.near) && isEstablished(both.far), 3_000);
  stranger.punch();
  stranger.sendKey();
  await both.network.pass(500);
  expect(stranger.heard).toEqual([]);
  expect(both.far.link.statistics.foreign).toBe(4);
  await unharmed(both, 0);
});

test("keys off the curve, of small order and of other kinds are refused", async () => {
  const between = network();
  const link = await opened(between, NEAR, FAR);
  const off = formatPublicKey(Uint8Array.of(4, ...new Array(63).fill(7), 8));
  const zero = formatPublicKey(Uint8Array.of(4, ...new Array(64).fill(0)));
  const compressed = greetingKey().pem.replace("MFkwEwYH", "MDkwEwYH");
  for (const pem of [
    off,
    zero,
    compressed,
    "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----",
  ]) {
    between.send(formatPublicKeyDatagram(pem), FAR, NEAR);
  }
  await between.pass(50);
  expect(link.link.statistics.malformed).toBe(4);
  expect(between.seen.filter(({ bytes }) => bytes[0] === 2)).toEqual([]);
});

test("a flood of new keys costs no more than some answers a second", async () => {
  const between = network();
  const ours = await opened(between, NEAR, FAR);
  for (let count = 0; count < 60; count++) {
    between.send(formatPublicKeyDatagram(greetingKey().pem), FAR, NEAR);
  }
  await between.pass(20);
  expect(ours.link.statistics.tooMany).toBeGreaterThanOrEqual(39);
});

test("forged proofs, stages and packets do nothing but count", async () => {
  const all = await recorded();
  for (const length of [0, 1, 3, 4, 5, 23, 32, 45, 46, 51, 178, 311, 1_472]) {
    for (let first = 0; first < 8; first++) {
      const bytes = randomBytes(length);
      if (length > 0) bytes[0] = first;
      all.network.send(bytes, NEAR, FAR);
    }
  }
  await all.network.pass(200);
  expect(all.far.link.statistics.undecipherable).toBeGreaterThan(20);
  await unharmed(all);
});

test("four bytes do not change the size of packets", async () => {
  const all = await recorded();
  for (const size of [0, 1, 46, 47, 576, 0xffff_ffff]) {
    const notice = new Uint8Array(4);
    new DataView(notice.buffer).setUint32(0, size, true);
    all.network.send(notice, NEAR, FAR);
  }
  await all.network.pass(100);
  expect(all.far.link.statistics.badSizes).toBe(6);
  void all.far.link.send(pattern(1_426));
  await all.network.until(() => all.near.received.length === 3, 3_000);
  expect(all.near.received.at(-1)).toHaveLength(1_426);
});

test("punches from nowhere stop a running transfer only for moments", async () => {
  const { network, near, far } = await established({ delayMs: 5 });
  for (let count = 0; count < 100; count++) void near.link.send(pattern(20_000));
  for (let count = 0; count < 100; count++) {
    network.send(PUNCH, FAR, NEAR);
    network.send(PUNCH, NEAR, FAR);
    await network.pass(20);
  }
  await network.until(() => far.received.length === 100, 5_000);
  expect(near.states).toHaveLength(1);
});

test("an authentic peer that floods with questions gets each packet once in a round trip", async () => {
  const between = network();
  const original = new Original(between, FAR, NEAR);
  const ours = await opened(between, NEAR, FAR);
  await between.until(() => isEstablished(ours), 3_000);
  await original.probePath();
  await between.pass(300);
  void ours.link.send(text("x")).catch(() => {});
  await between.pass(10);
  const before = original.of(EOF).length;
  for (let count = 0; count < 500; count++) original.packet({ control: RTM, sequence: 1 });
  await between.pass(10);
  expect(original.of(EOF).length - before).toBeLessThanOrEqual(3);
});

test("senseless packets of an authentic peer do not end the link", async () => {
  const between = network();
  const original = new Original(between, FAR, NEAR);
  const ours = await opened(between, NEAR, FAR);
  await between.until(() => isEstablished(ours), 3_000);
  await original.probePath();
  const short = original.box?.seal(randomBytes(16), new Uint8Array(5)) ?? new Uint8Array(0);
  original.send(short);
  original.packet({ control: ACK, sequence: 4_000_000_000 });
  original.packet({ control: ACK, sequence: 5, data: text("sealwire and then nonsense....") });
  original.packet({ control: PSH | EOF, sequence: 2_000_000, data: text("far ahead") });
  original.packet({ control: PSH, sequence: 1, time: Number.NaN });
  original.packet({ control: 0xff & ~FIN, sequence: 9 });
  await between.pass(50);
  expect(ours.states).toHaveLength(1);
  expect(ours.link.statistics).toMatchObject({ senseless: 2, beyondWindow: 1 });
});

test("held packets are bounded, whatever an authentic peer sends", async () => {
  const between = network();
  const original = new Original(between, FAR, NEAR);
  const ours = await opened(between, NEAR, FAR, { maxHeldBytes: 100_000 });
  await between.until(() => isEstablished(ours), 3_000);
  await original.probePath();
  for (let sequence = 2; sequence < 1_000; sequence++) {
    original.packet({ control: 0, sequence, data: pattern(1_000) });
  }
  await between.pass(50);
  expect(ours.link.statistics.beyondWindow).toBeGreaterThan(800);
});

test("a message beyond the limit ends the session with TOO_LARGE", async () => {
  const both = await established({}, 1, { maxMessageBytes: 10_000 });
  void both.near.link.send(pattern(20_000)).catch(() => {});
  await both.network.until(() => both.far.states.length > 1, 3_000);
  expect(both.far.states[1]).toMatchObject({ reason: { code: "TOO_LARGE" } });
});

test("with a secret, spoofed proofs cannot make a waiting link give up before the peer is there", async () => {
  const between = network();
  const ours = await opened(between, NEAR, FAR, { secret: "long and random" });
  const garbage = () => Uint8Array.of(3, ...randomBytes(50));
  for (let count = 0; count < 50; count++) {
    between.send(garbage(), FAR, NEAR);
    await between.pass(100);
  }
  expect(ours.states).toEqual([]);
});
