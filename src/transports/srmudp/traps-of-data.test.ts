/** The traps of SRMUDP 0.0.4, each by its name; the wire is that of the original's recordings. */
import { expect, test } from "vitest";
import { ready, text } from "../../../test/srmudp/met.ts";
import { established, isEstablished, NEAR, pattern } from "../../../test/srmudp/peers.ts";
import { ACK, EOF, FIN, PSH, RTM } from "./packets.ts";

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
