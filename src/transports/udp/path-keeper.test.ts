import { expect, test } from "vitest";
import { A, B, onlyOne, pair, route } from "../../../test/udp/path-pair.ts";
import { pathProof } from "./path-proof.ts";

test("asks soon while bytes should move, and seldom afterwards", () => {
  const { clock, a, b, deliver } = pair();
  clock.advance(250);
  expect(a.sent.map(({ control, to }) => [control.kind, to])).toEqual([["ping", B]]);
  deliver(a, b, A);
  deliver(b, a, B);
  expect(a.counted).toEqual([]);
  for (let ms = 0; ms < 2_000; ms += 250) {
    clock.advance(250);
    deliver(a, b, A);
    deliver(b, a, B);
  }
  clock.advance(14_000);
  expect(a.sent).toEqual([]);
  clock.advance(900);
  expect(a.sent.length).toBe(1);
});

test("does not ask while packets come", () => {
  const { clock, a } = pair();
  for (let ms = 0; ms < 60_000; ms += 250) {
    a.packets += 1;
    clock.advance(250);
  }
  expect(a.sent).toEqual([]);
  expect(a.losses).toEqual([]);
});

test("measures the round trip", () => {
  const { clock, a, b, deliver } = pair();
  clock.advance(250);
  deliver(a, b, A);
  clock.advance(80);
  deliver(b, a, B);
  expect(a.keeper.rttMs).toBe(80);
});

test("gives up after silence, not before", () => {
  const { clock, a } = pair();
  clock.advance(29_900);
  expect(a.losses).toEqual([]);
  clock.advance(500);
  expect(a.losses).toEqual([expect.stringContaining("30000 ms")]);
});

test("believes only an answer to its own question that the peer has forgotten it", () => {
  const { clock, a } = pair();
  clock.advance(250);
  const peer = pathProof(new Uint8Array(32).fill(5), false);
  const nonce = new Uint8Array(8).fill(1);
  const gone = {
    kind: "gone",
    stream: 1,
    sequence: 9n,
    epoch: 0,
    received: 0,
    arrived: 0,
  } as const;
  a.keeper.receive(peer.prove({ ...gone, nonce }), route(B));
  expect(a.losses).toEqual([]);
  const control = onlyOne(a);
  a.keeper.receive(peer.prove({ ...gone, nonce: control.nonce }), route(B));
  expect(a.losses).toEqual(["the other end has forgotten it"]);
});

test("says where its stream stands, and is told of the other's", () => {
  const { clock, a, b, deliver } = pair();
  clock.advance(250);
  b.sent.splice(0);
  deliver(a, b, A);
  expect(b.heard).toEqual([{ epoch: 3, received: 44, arrived: 55 }]);
  deliver(b, a, B);
  expect(a.heard).toEqual([{ epoch: 3, received: 44, arrived: 55 }]);
});

test("tells when a peer is heard again after a long silence", () => {
  const { clock, a, b, deliver } = pair();
  const meet = () => {
    deliver(a, b, A);
    deliver(b, a, B);
  };
  clock.advance(250);
  meet();
  expect(a.revived).toBe(0);
  clock.advance(1_500);
  meet();
  expect(a.revived).toBe(1);
});

test("a farewell is believed once it is newer than what was heard", () => {
  const { a, b } = pair();
  b.keeper.farewell();
  const [first, ...repeated] = b.sent.splice(0).map(({ control }) => control);
  expect(repeated.length).toBe(2);
  if (first !== undefined) a.keeper.receive(first, route(B));
  expect(a.losses).toEqual(["the other end broke it off"]);
});

test("leaves no timer behind when it is stopped", () => {
  const { clock, a, b } = pair();
  a.keeper.stop();
  b.keeper.stop();
  expect(clock.waiting).toBe(0);
});
