import fc from "fast-check";
import { expect, test } from "vitest";
import type { Endpoint } from "../core/contracts/datagram-socket.ts";
import { NOBLE_SYMMETRIC } from "../crypto/providers/noble-symmetric.ts";
import { randomBytes } from "../crypto/random.ts";
import { PeerService, type PeerServiceOptions } from "./peer-service.ts";
import { MAX_DATAGRAM_BYTES, MAX_SEALED_BYTES, REASON } from "./service-datagram.ts";
import type { Asked } from "./service-link.ts";
import { parseReply, type ServiceReply } from "./service-replies.ts";
import { formatRequest } from "./service-requests.ts";

const NOWHERE: Uint8Array = new Uint8Array(8);
const TOPIC = new Uint8Array(16).fill(7);
const [ANN, BEN]: readonly [Endpoint, Endpoint] = [
  { host: "192.0.2.1", port: 1_000 },
  { host: "192.0.2.2", port: 2_000 },
];

/** A service with its time, and clients that have shown their cookie. */
class World {
  nowMs = 1_000_000;
  readonly service: PeerService;

  constructor(options: Partial<PeerServiceOptions> = {}) {
    const now = () => this.nowMs;
    this.service = new PeerService({ crypto: NOBLE_SYMMETRIC, now, ...options });
  }

  cookie(of: Endpoint): Uint8Array {
    const [out] = this.service.receive(formatRequest({ kind: "hello", id: NOWHERE }), of);
    const reply = out && parseReply(out.bytes);
    if (reply?.kind !== "challenge") throw new Error("no challenge");
    return reply.cookie;
  }

  ask(
    from: Endpoint,
    asked: Asked,
  ): readonly { readonly to: Endpoint; readonly reply: ServiceReply }[] {
    const cookie = this.cookie(from);
    const request = asked.kind === "hello" ? asked : { ...asked, cookie };
    const out = this.service.receive(formatRequest({ ...request, id: NOWHERE } as never), from);
    return out.map(({ bytes, to }) => ({ to, reply: parseReply(bytes) }));
  }

  register(from: Endpoint, peer: Uint8Array, listens = false, session = NOWHERE) {
    return this.ask(from, { kind: "register", topic: TOPIC, peer, listens, session })[0]?.reply;
  }

  /** Both sides of a session at the relay. */
  relayed(): Uint8Array {
    const session = randomBytes(8);
    const registered = this.register(ANN, randomBytes(8), false, session);
    if (registered?.kind !== "registered" || !registered.reservation) throw new Error("no room");
    const { reservation } = registered;
    this.ask(ANN, { kind: "bind", session, side: 0, reservation });
    this.ask(BEN, { kind: "bind", session, side: 1, reservation });
    return session;
  }
}

test("sends nothing longer than what came, before an address has shown its cookie", () => {
  const { service } = new World({ limits: { messagesPerSecond: 1_000_000 } });
  const prefix = formatRequest({ kind: "hello", id: NOWHERE }).slice(0, 4);
  const datagram = fc.tuple(fc.boolean(), fc.nat(12), fc.uint8Array({ maxLength: 1_300 }));
  fc.assert(
    fc.property(datagram, fc.nat(0xffff), ([ours, type, rest], port) => {
      const bytes = ours ? Uint8Array.of(...prefix, type, ...rest) : rest;
      const answers = service.receive(bytes, { host: "192.0.2.9", port });
      const length = answers.reduce((sum, answer) => sum + answer.bytes.length, 0);
      expect(length).toBeLessThanOrEqual(bytes.length);
    }),
    { numRuns: 2_000 },
  );
  expect(service.sizes).toEqual({ topics: 0, relayed: 0 });
});

test("remembers nothing of those who merely knock", () => {
  const { service } = new World({
    limits: { messagesPerSecond: 1_000_000, burstPerNetwork: 99_999 },
  });
  const hello = formatRequest({ kind: "hello", id: NOWHERE });
  for (let i = 0; i < 10_000; i++)
    service.receive(hello, { host: `10.0.${i >> 8}.${i & 255}`, port: i });
  expect(service.sizes).toEqual({ topics: 0, relayed: 0 });
});

test("takes no cookie from another address, and none that is old", () => {
  const world = new World();
  const cookie = world.cookie(ANN);
  const fields = { topic: TOPIC, peer: randomBytes(8), listens: true, session: NOWHERE };
  const request = formatRequest({ kind: "register", id: NOWHERE, cookie, ...fields });
  const kindFor = (from: Endpoint) => {
    const [out] = world.service.receive(request, from);
    return out && parseReply(out.bytes).kind;
  };
  expect(kindFor(BEN)).toBe("challenge");
  expect(kindFor({ ...ANN, port: 1_001 })).toBe("challenge");
  expect(kindFor(ANN)).toBe("registered");
  world.nowMs += 121_000;
  expect(kindFor(ANN)).toBe("challenge");
});

test("carries an offer to those who listen, unread, and the answer back", () => {
  const world = new World();
  const [ann, ben, session] = [randomBytes(8), randomBytes(8), randomBytes(8)];
  world.register(ANN, ann, true);
  expect(world.register(BEN, ben)).toMatchObject({ kind: "registered", listeners: 1 });
  const sealed = randomBytes(300);
  const fields = { kind: "signal", topic: TOPIC, session, sealed } as const;
  const offered = world.ask(BEN, { ...fields, signal: "offer", from: ben, to: NOWHERE });
  expect(offered).toMatchObject([
    { to: ANN, reply: { kind: "forwarded", signal: "offer", sealed } },
  ]);
  const answered = world.ask(ANN, { ...fields, signal: "answer", from: ann, to: ben });
  expect(answered).toMatchObject([{ to: BEN, reply: { kind: "forwarded", signal: "answer" } }]);
});

test("carries no signal for somebody who is not registered from that address", () => {
  const world = new World();
  const [ann, ben] = [randomBytes(8), randomBytes(8)];
  world.register(ANN, ann, true);
  world.register(BEN, ben);
  const session = randomBytes(8);
  const fields = { kind: "signal", signal: "offer", topic: TOPIC, to: NOWHERE, session } as const;
  const stranger = { host: "192.0.2.3", port: 3_000 };
  const replies = world.ask(stranger, { ...fields, from: ben, sealed: randomBytes(40) });
  expect(replies).toMatchObject([{ to: stranger, reply: { reason: REASON.unproven } }]);
});

test("says that nobody listens, and forgets who has not been heard for the lease", () => {
  const world = new World();
  const [ann, ben] = [randomBytes(8), randomBytes(8)];
  world.register(ANN, ann, true);
  world.nowMs += 61_000;
  world.register(BEN, ben);
  const fields = { signal: "offer", topic: TOPIC, from: ben, to: NOWHERE } as const;
  const offer = { kind: "signal", ...fields, session: NOWHERE, sealed: randomBytes(9) } as const;
  expect(world.ask(BEN, offer)).toMatchObject([{ reply: { reason: REASON.nobody } }]);
  world.nowMs += 61_000;
  world.service.sweep();
  expect(world.service.sizes.topics).toBe(0);
});

test("lets nobody but its owner take a registration back", () => {
  const world = new World();
  const ann = randomBytes(8);
  world.register(ANN, ann, true);
  world.ask(BEN, { kind: "bye", topic: TOPIC, peer: ann });
  expect(world.service.sizes.topics).toBe(1);
  world.ask(ANN, { kind: "bye", topic: TOPIC, peer: ann });
  expect(world.service.sizes.topics).toBe(0);
});

test("keeps peers of a topic, of a network and topics within bounds", () => {
  const world = new World({ limits: { maxPeersPerTopic: 2, maxPeersPerNetwork: 3, maxTopics: 2 } });
  const join = (from: Endpoint, topic: number) =>
    world.ask(from, {
      ...{ kind: "register", topic: new Uint8Array(16).fill(topic), peer: randomBytes(8) },
      ...{ listens: true, session: NOWHERE },
    })[0]?.reply.kind;
  expect([join(ANN, 1), join(ANN, 1), join(BEN, 1)]).toEqual([
    "registered",
    "registered",
    "refused",
  ]);
  expect([join(ANN, 2), join(ANN, 2)]).toEqual(["registered", "refused"]);
  expect(join(BEN, 3)).toBe("refused");
});

test("drops what one network sends beyond its rate, and serves others", () => {
  const world = new World({ limits: { burstPerNetwork: 5, messagesPerSecond: 1 } });
  const hello = formatRequest({ kind: "hello", id: NOWHERE });
  const answers = Array.from({ length: 20 }, () => world.service.receive(hello, ANN).length);
  expect(answers.filter((count) => count > 0)).toHaveLength(5);
  expect(world.service.receive(hello, BEN)).toHaveLength(1);
  expect(world.service.counters.limited).toBe(15);
});

test("passes on between two who are bound, both ways, and looks at nothing", () => {
  const world = new World();
  world.relayed();
  const bytes = randomBytes(1_400);
  expect(world.service.receive(bytes, ANN)).toEqual([{ bytes, to: BEN }]);
  expect(world.service.receive(bytes, BEN)).toEqual([{ bytes, to: ANN }]);
  expect(world.service.receive(bytes, { host: "192.0.2.3", port: 1 })).toEqual([]);
});

test("binds nobody without a reservation, with a false one, or with one that has run out", () => {
  const world = new World();
  const session = randomBytes(8);
  const registered = world.register(ANN, randomBytes(8), false, session);
  const real = registered?.kind === "registered" ? registered.reservation : undefined;
  if (!real) throw new Error("no reservation");
  const bind = (reservation: typeof real, of = session) =>
    world.ask(BEN, { kind: "bind", session: of, side: 1, reservation })[0]?.reply.kind;
  expect(bind({ ...real, proof: randomBytes(16) })).toBe("refused");
  expect(bind({ ...real, expiresS: real.expiresS + 1 })).toBe("refused");
  expect(bind(real, randomBytes(8))).toBe("refused");
  world.nowMs += 3_601_000;
  expect(bind(real)).toBe("refused");
  expect(world.service.sizes.relayed).toBe(0);
});

test("ends a pair that has used its quota, drops what is too fast, forgets the quiet", () => {
  const slow = new World({ limits: { bytesPerSecond: 2_000, maxBytesPerSession: 5_000 } });
  slow.relayed();
  const bytes = new Uint8Array(1_000);
  const sent = () => slow.service.receive(bytes, ANN).length;
  expect([sent(), sent(), sent()]).toEqual([1, 1, 0]);
  slow.nowMs += 1_000;
  expect([sent(), sent(), sent()]).toEqual([1, 1, 0]);
  slow.nowMs += 1_000;
  expect([sent(), sent()]).toEqual([1, 0]);
  expect(slow.service.sizes.relayed).toBe(0);
  const quiet = new World();
  quiet.relayed();
  quiet.nowMs += 121_000;
  quiet.service.sweep();
  expect(quiet.service.sizes.relayed).toBe(0);
});

test("follows a side that comes from another address", () => {
  const world = new World();
  const session = world.relayed();
  const moved = { host: "192.0.2.77", port: 7 };
  const registered = world.register(ANN, randomBytes(8), false, session);
  const reservation = registered?.kind === "registered" ? registered.reservation : undefined;
  if (!reservation) throw new Error("no reservation");
  world.ask(moved, { kind: "bind", session, side: 1, reservation });
  const bytes = randomBytes(10);
  expect(world.service.receive(bytes, ANN)).toEqual([{ bytes, to: moved }]);
  expect(world.service.receive(bytes, BEN)).toEqual([]);
});

test("keeps every datagram of its own below 1,200 bytes", () => {
  const world = new World();
  const [ann, ben] = [randomBytes(8), randomBytes(8)];
  world.register(ANN, ann, true);
  world.register(BEN, ben);
  const sealed = randomBytes(MAX_SEALED_BYTES);
  const offer = { kind: "signal", signal: "offer", topic: TOPIC, from: ben, to: NOWHERE } as const;
  const request = { ...offer, session: NOWHERE, sealed, id: NOWHERE, cookie: world.cookie(BEN) };
  const [out] = world.service.receive(formatRequest(request), BEN);
  expect(out?.bytes.length).toBeLessThanOrEqual(MAX_DATAGRAM_BYTES);
});
