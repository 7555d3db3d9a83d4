/** The traps of SRMUDP 0.0.4, each by its name; the wire is that of the original's recordings. */
import { describe, expect, test } from "vitest";
import { met, offerTo, ready, stages, text } from "../../../test/srmudp/met.ts";
import { Original } from "../../../test/srmudp/original.ts";
import { FAR, isEstablished, NEAR, network, opened, pattern } from "../../../test/srmudp/peers.ts";
import { PUNCH } from "./greeting-datagrams.ts";
import { greetingKey } from "./greeting-key.ts";
import { EOF, PSH } from "./packets.ts";

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

test("punches as an original does", () => {
  expect(Buffer.from(PUNCH).toString("hex")).toBe("0075647020686f6c652070756e6368696e67502d323536");
});
