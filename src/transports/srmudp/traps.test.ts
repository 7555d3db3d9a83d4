/** The traps of SRMUDP 0.0.4, each by its name; the wire is that of the original's recordings. */
import { describe, expect, test } from "vitest";
import type { Network } from "../../../test/srmudp/network.ts";
import { Original } from "../../../test/srmudp/original.ts";
import {
  established,
  FAR,
  isEstablished,
  NEAR,
  network,
  opened,
  type Peer,
  pattern,
} from "../../../test/srmudp/peers.ts";
import { PUNCH, parseGreeting } from "./greeting-datagrams.ts";
import { greetingKey } from "./greeting-key.ts";
import type { OpenSrmudpOptions } from "./open-srmudp.ts";
import { ACK, EOF, FIN, PSH, RTM } from "./packets.ts";

interface Met {
  readonly between: Network;
  readonly ours: Peer;
  readonly original: Original;
}

/** Ours and an original that has just punched for the first time. */
async function met(options: Partial<OpenSrmudpOptions> = {}): Promise<Met> {
  const between = network();
  const original = new Original(between, FAR, NEAR);
  const ours = await opened(between, NEAR, FAR, options);
  return { between, ours, original };
}

/** The same after greeting and probes: data may flow. */
async function ready(options: Partial<OpenSrmudpOptions> = {}): Promise<Met> {
  const all = await met(options);
  await all.between.until(() => isEstablished(all.ours), 3_000);
  await all.original.probePath();
  await all.between.pass(300);
  return all;
}

function stages(datagrams: readonly Uint8Array[]): (string | undefined)[] {
  return datagrams.map((bytes) => parseGreeting(bytes)?.stage);
}

/** Draws a session key for the public key of ours that it has heard. */
function offerTo(original: Original): void {
  const greetings = original.heard.map(parseGreeting);
  const key = greetings.find((greeting) => greeting?.stage === "public-key");
  if (key?.stage !== "public-key") throw new Error("no key was heard");
  original.offer(key.pem);
}

const text = (words: string) => new TextEncoder().encode(words);

describe("greeting", () => {
  test("2: the key's text has no final newline", () => {
    expect(greetingKey().pem).toHaveLength(177);
    expect(greetingKey().pem.endsWith("-----END PUBLIC KEY-----")).toBe(true);
  });

  test("4: a burst of punches is answered with one public key", async () => {
    const { between, original } = await met();
    original.greets = false;
    for (let count = 0; count < 7; count++) original.punch();
    await between.pass(20);
    expect(stages(original.heard).filter((stage) => stage === "public-key")).toHaveLength(1);
  });

  test("4: a public key that comes again gets the same session key in the same bytes", async () => {
    const { between, original } = await met();
    original.greets = false;
    original.sendKey();
    await between.pass(100);
    original.sendKey();
    await between.pass(100);
    const offers = original.heard.filter((bytes) => bytes[0] === 2).map((b) => Buffer.from(b));
    expect(offers.length).toBeGreaterThan(1);
    expect(new Set(offers.map((bytes) => bytes.toString("hex"))).size).toBe(1);
  });

  test("4: of several session keys the last counts", async () => {
    const { between, ours, original } = await met();
    original.greets = false;
    original.punch();
    await between.pass(20);
    offerTo(original);
    offerTo(original);
    await between.pass(20);
    await original.probePath();
    expect(isEstablished(ours)).toBe(true);
    original.packet({ control: PSH | EOF, sequence: 1, data: text("under the last") });
    await between.pass(20);
    expect(ours.received).toEqual([text("under the last")]);
  });

  test("5: a peer in its greeting hears nothing but greetings until it has shown a sign", async () => {
    const { between, ours, original } = await met();
    original.greets = false;
    void ours.link.send(pattern(5_000)).catch(() => {});
    original.punch();
    await between.pass(20);
    // It offers a key and then seems not to have heard our proof.
    offerTo(original);
    await between.pass(2_500);
    expect(stages(original.heard)).toContain("proof");
    expect(stages(original.heard)).not.toContain(undefined);
    original.probe(1_472);
    await between.pass(10);
    expect(isEstablished(ours)).toBe(true);
  });

  test("6: datagrams that are no greeting do not end one", async () => {
    const { between, ours, original } = await met();
    for (const bytes of [text("hello"), new Uint8Array(0), new Uint8Array(900).fill(4)]) {
      original.send(bytes);
    }
    original.send(text("\u0000udp hole punchingP-384"));
    await between.pass(10);
    await original.probePath();
    await between.until(() => isEstablished(ours), 3_000);
  });

  test("14: a peer that was started anew at the same place is met again", async () => {
    const { between, ours } = await ready();
    const second = new Original(between, FAR, NEAR);
    second.punch();
    await between.until(() => second.drawn.length > 0, 3_000);
    await second.probePath();
    await between.until(() => isEstablished(ours), 3_000);
    expect(ours.states.map(({ state }) => state)).toEqual([
      "established",
      "reconnecting",
      "established",
    ]);
    second.packet({ control: PSH | EOF, sequence: 1, data: text("again") });
    await between.pass(50);
    expect(ours.received).toEqual([text("again")]);
  });

  test("15: a break that only one side has noticed does not last", async () => {
    const options = { timeoutMs: 4_000, spanMs: 500 };
    const between = network();
    const near = await opened(between, NEAR, FAR, options);
    const far = await opened(between, FAR, NEAR, { ...options, timeoutMs: 60_000 });
    await between.until(() => isEstablished(near) && isEstablished(far), 5_000);
    between.passes = ({ from }) => from.port !== FAR.port;
    await between.until(() => near.link.state.state === "reconnecting", 10_000);
    between.passes = () => true;
    await between.until(() => isEstablished(near) && isEstablished(far), 10_000);
    void near.link.send(pattern(10));
    await between.until(() => far.received.length === 1, 3_000);
  });
});

describe("size of the path", () => {
  test("7: probes twice, the second smaller, and answers the peer's second with a notice", async () => {
    const { between, ours, original } = await met();
    await between.pass(50);
    await original.probePath();
    await between.pass(100);
    const probes = original.heard.filter((bytes) => bytes[0] === 0x23);
    expect(probes.map(({ length }) => length).slice(0, 2)).toEqual([1_472, 1_456]);
    expect(original.mtu).toBe(1_472);
    expect(isEstablished(ours)).toBe(true);
  });

  test("7: data waits until an original is through with it", async () => {
    const { between, ours, original } = await met();
    void ours.link.send(pattern(100)).catch(() => {});
    await between.pass(50);
    original.probe(1_472);
    await between.pass(40);
    expect(original.of(EOF)).toEqual([]);
    await original.probePath();
    await between.pass(200);
    expect(original.of(EOF)[0]).toMatchObject({ sequence: 1, retry: 0 });
  });

  test("8: a size that was not probed is not believed", async () => {
    const { between, ours, original } = await met();
    await between.pass(20);
    original.probe(1_472);
    await between.pass(20);
    for (const size of [0, 46, 576, 1_471, 9_000, 0xffff_ffff]) {
      const notice = new Uint8Array(4);
      new DataView(notice.buffer).setUint32(0, size, true);
      original.send(notice);
    }
    await between.pass(20);
    expect(ours.link.statistics.badSizes).toBe(6);
  });
});

describe("data", () => {
  test("9: never asks for what it has acknowledged, and asks before it acknowledges", async () => {
    const { between, ours, original } = await ready();
    original.packet({ control: 0, sequence: 1, data: text("one ") });
    original.packet({ control: PSH | EOF, sequence: 3, data: text("three") });
    await between.pass(40);
    expect(original.of(RTM).map(({ sequence }) => sequence)).toEqual([2]);
    original.packet({ control: 0, sequence: 2, retry: 1, data: text("two ") });
    await between.pass(10);
    expect(ours.received).toEqual([text("one two three")]);
    // Held back, because the question may still be on its way to an original, which it would kill.
    expect(original.of(ACK).every(({ sequence }) => sequence < 3)).toBe(true);
    await between.pass(60);
    expect(original.of(ACK).at(-1)?.sequence).toBe(3);
    await between.pass(500);
    expect(original.of(RTM)).toHaveLength(1);
  });

  test("9: packets that only overtake each other are not asked for", async () => {
    const { between, ours, original } = await ready();
    original.packet({ control: PSH | EOF, sequence: 2, data: text("b") });
    await between.pass(5);
    original.packet({ control: 0, sequence: 1, data: text("a") });
    await between.pass(200);
    expect(ours.received).toEqual([text("ab")]);
    expect(original.of(RTM)).toEqual([]);
  });

  test("9: a question for a packet that is forgotten is counted and nothing else", async () => {
    const { between, ours, original } = await ready();
    original.packet({ control: RTM, sequence: 77 });
    original.packet({ control: RTM, sequence: 0 });
    await between.pass(20);
    expect(ours.link.statistics.senseless).toBe(2);
    expect(isEstablished(ours)).toBe(true);
  });

  test("10: acknowledges what comes again, and takes at once what it has held", async () => {
    const { between, ours, original } = await ready();
    original.packet({ control: PSH | EOF, sequence: 1, data: text("x") });
    await between.pass(10);
    const before = original.of(ACK).length;
    original.packet({ control: PSH | EOF, sequence: 1, retry: 1, data: text("x") });
    await between.pass(10);
    expect(original.of(ACK).length).toBeGreaterThan(before);
    expect(ours.received).toHaveLength(1);
  });

  test("11: answers PSH at once", async () => {
    const { between, original } = await ready();
    original.packet({ control: PSH, sequence: 1, data: text("x") });
    await between.pass(5, 1);
    expect(original.of(ACK).at(-1)?.sequence).toBe(1);
  });

  test("12: an exact multiple of the window is followed by an empty packet, both ways", async () => {
    const { between, ours, original } = await ready();
    void ours.link.send(pattern(1_426)).catch(() => {});
    await between.pass(20);
    const sent = original.packets.filter(({ control }) => (control & ACK) === 0);
    expect(sent.map(({ control, data }) => [control, data.length])).toEqual([
      [0, 1_426],
      [PSH | EOF, 0],
    ]);
    original.packet({ control: 0, sequence: 1, data: pattern(1_426) });
    original.packet({ control: PSH | EOF, sequence: 2 });
    await between.pass(20);
    expect(ours.received).toEqual([pattern(1_426)]);
  });

  test("an original that acknowledges nothing twice is asked by new data and repeated to", async () => {
    const { between, ours, original } = await ready();
    let acknowledged = false;
    between.passes = ({ from }) => from.port !== NEAR.port;
    void ours.link.send(text("lost once")).then(() => (acknowledged = true));
    await between.pass(20);
    between.passes = () => true;
    await between.until(() => original.of(EOF).length === 1, 1_000);
    expect(original.of(EOF)[0]?.retry).toBe(1);
    original.packet({ control: ACK, sequence: 1, data: text("put buffer") });
    await between.pass(20);
    expect(acknowledged).toBe(true);
  });

  test("sends PSH often enough that an original acknowledges while it receives", async () => {
    const { between, ours, original } = await ready();
    void ours.link.send(pattern(60_000)).catch(() => {});
    await between.pass(50);
    const sent = original.packets.filter(({ control }) => (control & ACK) === 0);
    const pushes = sent.filter(({ control }) => (control & PSH) !== 0).length;
    expect(pushes).toBeGreaterThanOrEqual(Math.floor(sent.length / 16));
  });

  test("13: FIN is answered, and the application is told", async () => {
    const { between, ours, original } = await ready();
    original.packet({ control: FIN, sequence: 0, data: text("closed") });
    await between.pass(20);
    expect(original.of(FIN)).toHaveLength(1);
    expect(ours.states.at(-1)).toEqual({ state: "closed" });
  });

  test("16: an idle original hears a ping in every span", async () => {
    const { between, original } = await ready();
    const before = original.of(ACK).length;
    for (let span = 0; span < 5; span++) {
      await between.pass(3_050);
      original.packet({ control: ACK, sequence: 0, data: text("as ping") });
    }
    expect(original.of(ACK).length - before).toBeGreaterThanOrEqual(4);
  });

  test("18: numbers wrap", async () => {
    const options = { firstSequence: 0xffff_fff0 };
    const { network: between, near, far } = await established({ loss: 5, reorder: 10 }, 2, options);
    for (let count = 0; count < 40; count++) void near.link.send(pattern(count * 100));
    await between.until(() => far.received.length === 40, 10_000);
    expect(far.received.map(({ length }) => length)).toEqual(
      Array.from({ length: 40 }, (_, count) => count * 100),
    );
  });

  test("19: the count of repeats stays in its byte", async () => {
    const { between, ours, original } = await ready();
    void ours.link.send(text("never acknowledged")).catch(() => {});
    for (let times = 0; times < 400; times++) {
      await between.pass(1_000, 50);
      original.packet({ control: ACK, sequence: 0, data: text("as ping") });
    }
    const sent = original.of(EOF);
    expect(sent.length).toBeGreaterThan(256);
    expect(Math.max(...sent.map(({ retry }) => retry))).toBe(254);
  });
});

test("punches as an original does", () => {
  expect(Buffer.from(PUNCH).toString("hex")).toBe("0075647020686f6c652070756e6368696e67502d323536");
});
