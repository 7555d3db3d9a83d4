import { expect, test } from "vitest";
import { A, A2, B, onlyOne, pair, route } from "../../../test/udp/path-pair.ts";

test("follows a peer to a new address once a question was answered from there", () => {
  const { clock, a, b, deliver } = pair();
  clock.advance(250);
  b.sent.splice(0);
  deliver(a, b, A2);
  expect(b.moves).toEqual([]);
  expect(b.sent.map(({ control, to }) => [control.kind, to])).toEqual([
    ["pong", A2],
    ["ping", A2],
  ]);
  deliver(b, a, B);
  deliver(a, b, A2);
  expect(b.moves).toEqual([A2]);
  expect(b.keeper.route.remote).toEqual(A2);
});

test("a repeated ping from elsewhere moves nothing and gets no answer", () => {
  const { clock, a, b } = pair();
  clock.advance(250);
  b.sent.splice(0);
  const control = onlyOne(a);
  b.keeper.receive(control, route(A));
  b.sent.splice(0);
  b.keeper.receive(control, route({ host: "203.0.113.66", port: 6 }));
  expect(b.sent).toEqual([]);
  expect(b.counted).toEqual(["stale"]);
});

test("an answer from elsewhere than asked moves nothing", () => {
  const { clock, a, b, deliver } = pair();
  clock.advance(250);
  b.sent.splice(0);
  deliver(a, b, A2);
  deliver(b, a, B);
  deliver(a, b, { host: "203.0.113.66", port: 6 });
  expect(b.moves).toEqual([]);
});

test("a forged datagram is counted and nothing else", () => {
  const { clock, a, b } = pair();
  clock.advance(250);
  b.sent.splice(0);
  const control = onlyOne(a);
  const proof = control.proof.map((byte, at) => (at === 3 ? byte ^ 1 : byte));
  b.keeper.receive({ ...control, proof }, route(A2));
  b.keeper.receive({ ...control, sequence: control.sequence + 1n }, route(A2));
  b.keeper.receive({ ...control, kind: "pong" }, route(A2));
  expect(b.counted).toEqual(["forged", "forged", "forged"]);
  expect(b.sent).toEqual([]);
});

test("its own datagrams sent back to it prove nothing", () => {
  const { clock, a } = pair();
  clock.advance(250);
  const control = onlyOne(a);
  a.keeper.receive(control, route(B));
  expect(a.counted).toEqual(["forged"]);
});

test("an older ping that was overtaken does not move the path back", () => {
  const { clock, a, b, deliver } = pair();
  clock.advance(250);
  const old = onlyOne(a);
  clock.advance(250);
  deliver(a, b, A2);
  deliver(b, a, B);
  deliver(a, b, A2);
  expect(b.keeper.route.remote).toEqual(A2);
  b.keeper.receive(old, route(A));
  deliver(b, a, B);
  deliver(a, b, A);
  expect(b.keeper.route.remote).toEqual(A2);
});

test("a move of one side makes the other follow", () => {
  const { a, b, deliver } = pair();
  a.keeper.move(route({ host: "198.51.100.2", port: 2_001 }));
  expect(a.moves).toEqual([{ host: "198.51.100.2", port: 2_001 }]);
  deliver(a, b, A2);
  deliver(b, a, B);
  deliver(a, b, A2);
  expect(b.moves).toEqual([A2]);
});
