import { expect, test } from "vitest";
import type { Network } from "../../../test/srmudp/network.ts";
import {
  FAR,
  isEstablished,
  NEAR,
  network,
  opened,
  type Peer,
  pattern,
} from "../../../test/srmudp/peers.ts";
import { randomBytes } from "../../crypto/random.ts";
import { greetingKey } from "./greeting-key.ts";
import { srmudpSettings } from "./options.ts";
import { publicKeyPin } from "./public-key-pin.ts";

const ours = greetingKey();
const theirs = greetingKey();
const OURS = { secretKey: ours.secretKey, pin: publicKeyPin(theirs.pem) };
const THEIRS = { secretKey: theirs.secretKey, pin: publicKeyPin(ours.pem) };

async function met(between: Network): Promise<{ near: Peer; far: Peer }> {
  const near = await opened(between, NEAR, FAR, OURS);
  const far = await opened(between, FAR, NEAR, THEIRS);
  await between.until(() => isEstablished(near) && isEstablished(far), 10_000);
  return { near, far };
}

test("two that have pinned each other's key meet in any weather, authenticated", async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const between = network({ loss: 10, double: 20, reorder: 20, delayMs: 5 }, seed);
    const { near, far } = await met(between);
    void near.link.send(pattern(3_000)).catch(() => {});
    await between.until(() => far.received.length === 1, 5_000);
    expect(near.states).toMatchObject([{ state: "established", authenticated: true }]);
  }
});

test("one with a fresh key knows the other by its pin", async () => {
  const between = network();
  const near = await opened(between, NEAR, FAR, { pin: publicKeyPin(theirs.pem) });
  const far = await opened(between, FAR, NEAR, { secretKey: theirs.secretKey });
  await between.until(() => isEstablished(near) && isEstablished(far), 5_000);
  expect(near.states).toMatchObject([{ authenticated: true }]);
  expect(far.states).toMatchObject([{ authenticated: false }]);
});

test("another key than the pinned one is never established", async () => {
  const between = network();
  const near = await opened(between, NEAR, FAR, { pin: publicKeyPin(theirs.pem) });
  await opened(between, FAR, NEAR);
  await between.pass(10_000);
  expect(near.states).toEqual([]);
  expect(near.link.statistics.foreign).toBeGreaterThan(0);
});

test("a recorded session between kept keys cannot be played again", async () => {
  const earlier = network();
  const { near, far } = await met(earlier);
  void near.link.send(pattern(100));
  await earlier.until(() => far.received.length === 1, 3_000);
  const said = earlier.seen.filter(({ from }) => from.port === NEAR.port);
  const between = network();
  const alone = await opened(between, FAR, NEAR, THEIRS);
  for (const { bytes } of [...said, ...said]) {
    between.send(bytes, NEAR, FAR);
    await between.pass(30);
  }
  await between.pass(5_000);
  expect(alone.received).toEqual([]);
  expect(alone.states.map(({ state }) => state)).not.toContain("established");
});

test("options that contradict each other or are none are refused", () => {
  const refused = { code: "INVALID_ARGUMENT" };
  const secretKey = randomBytes(32);
  for (const options of [
    { secret: "a", secretKey },
    { secret: "" },
    { pin: "abc" },
    { timeoutMs: 0 },
    { maxMessageBytes: 1.5 },
    { firstSequence: -1 },
  ]) {
    expect(() => srmudpSettings(options)).toThrow(expect.objectContaining(refused));
  }
});
