import { expect, test } from "vitest";
import type { Endpoint } from "../../core/contracts/datagram-socket.ts";
import { type ManualClock, manualClock } from "../../testing/manual-clock.ts";
import type { PathControl } from "./control.ts";
import { PathKeeper, type Route, type StreamState } from "./path-keeper.ts";
import { pathProof } from "./path-proof.ts";

const A: Endpoint = { host: "192.0.2.1", port: 1_000 };
const A2: Endpoint = { host: "192.0.2.9", port: 9_000 };
const B: Endpoint = { host: "198.51.100.2", port: 2_000 };
const LIMITS = { pingActiveMs: 250, pingIdleMs: 15_000, silenceTimeoutMs: 30_000 };

interface Side {
  readonly keeper: PathKeeper<string>;
  readonly sent: { readonly control: PathControl; readonly to: Endpoint }[];
  readonly moves: Endpoint[];
  readonly losses: string[];
  readonly counted: string[];
  packets: number;
  waiting: boolean;
  revived: number;
  readonly heard: StreamState[];
}

function side(clock: ManualClock, initiator: boolean, remote: Endpoint): Side {
  const made: Omit<Side, "keeper"> = {
    ...{
      sent: [],
      moves: [],
      losses: [],
      counted: [],
      packets: 0,
      waiting: false,
      heard: [],
      revived: 0,
    },
  };
  const keeper = new PathKeeper<string>({
    ...{ clock, limits: LIMITS, proof: pathProof(new Uint8Array(32).fill(5), initiator) },
    remoteStream: initiator ? 2 : 1,
    route: { via: "socket", remote },
    heard: () => made.packets,
    waiting: () => made.waiting,
    state: () => ({ epoch: 3, received: 44 }),
    onState: (state) => made.heard.push(state),
    onRevived: () => {
      made.revived += 1;
    },
    send: (control, to) => made.sent.push({ control, to: to.remote }),
    onMoved: (to) => made.moves.push(to.remote),
    onLost: (why) => made.losses.push(why),
    count: (kind) => made.counted.push(kind),
  });
  return Object.assign(made, { keeper });
}

/** Two sides; `a` is seen at a place of one's choice. */
function pair() {
  const clock = manualClock(1_000_000);
  const [a, b] = [side(clock, true, B), side(clock, false, A)];
  const deliver = (from: Side, to: Side, source: Endpoint) => {
    for (const { control } of from.sent.splice(0)) to.keeper.receive(control, route(source));
  };
  return { clock, a, b, deliver };
}

/** The one datagram that was sent. */
function onlyOne({ sent }: Side): PathControl {
  const [first, ...others] = sent.splice(0);
  if (first === undefined || others.length > 0) throw new Error("expected one datagram");
  return first.control;
}

function route(remote: Endpoint): Route<string> {
  return { via: "socket", remote };
}

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

test("believes only an answer to its own question that the peer has forgotten it", () => {
  const { clock, a } = pair();
  clock.advance(250);
  const peer = pathProof(new Uint8Array(32).fill(5), false);
  const nonce = new Uint8Array(8).fill(1);
  const gone = { kind: "gone", stream: 1, sequence: 9n, epoch: 0, received: 0 } as const;
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
  expect(b.heard).toEqual([{ epoch: 3, received: 44 }]);
  deliver(b, a, B);
  expect(a.heard).toEqual([{ epoch: 3, received: 44 }]);
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
