import { expect, test } from "vitest";
import { SealwireError } from "../core/model/errors.ts";
import { NOBLE_SYMMETRIC } from "../crypto/providers/noble-symmetric.ts";
import { randomBytes } from "../crypto/random.ts";
import { manualClock } from "../testing/manual-clock.ts";
import { Answerer } from "./answering.ts";
import { pairingKeys } from "./pairing-keys.ts";
import { serviceAddress } from "./rendezvous-address.ts";
import { sealOffer } from "./sealed-offer.ts";
import type { Forwarded } from "./service-link.ts";
import type { PeerNetwork } from "./surroundings.ts";

const KEYS = pairingKeys(randomBytes(32), NOBLE_SYMMETRIC);
const NOTHING = { stream: 1, nat: "unknown", candidates: [] } as const;

/** A network on which nobody answers, and how many sockets were bound. */
function silence(): PeerNetwork & { bound: number } {
  const socket = {
    address: { host: "127.0.0.1", port: 1 },
    ...{ send: () => {}, receive: () => {}, close: async () => {} },
  };
  const network = {
    bound: 0,
    bind() {
      network.bound++;
      const attach = () => {
        throw new Error("nothing to attach");
      };
      return { ...socket, share: () => socket, attach };
    },
    bindDatagrams: async () => socket,
    openWebSocket: () => new Promise<never>(() => {}),
    localAddresses: () => [],
    resolve: async (host: string) => [host],
  };
  return network;
}

function answerer(network: PeerNetwork) {
  const answers: Forwarded[] = [];
  const clock = manualClock();
  const made = new Answerer({
    surroundings: { clock, crypto: NOBLE_SYMMETRIC, network },
    address: serviceAddress("udp://192.0.2.1"),
    ...{ keys: KEYS, peer: randomBytes(8), maxSessions: 3 },
    answer: (offer) => void answers.push(offer),
    expectsNoUdp: () => false,
    ...{ takeTurn: () => undefined, take: () => {}, onStatus: () => {}, onForgotten: () => {} },
  });
  return { made, answers, clock };
}

function offer(session = randomBytes(8), keys = KEYS): Forwarded {
  const from = randomBytes(8);
  const context = { signal: "offer", topic: KEYS.topic, from, session } as const;
  const own = { nonce: randomBytes(16), ...NOTHING };
  const sealed = sealOffer(own, context, keys, NOBLE_SYMMETRIC);
  return { kind: "forwarded", id: randomBytes(8), ...context, sealed };
}

test("begins nothing for an offer that was not sealed with the key, or was altered", () => {
  const network = silence();
  const { made } = answerer(network);
  const stranger = pairingKeys(randomBytes(32), NOBLE_SYMMETRIC);
  made.take(offer(randomBytes(8), stranger));
  made.take({ ...offer(), session: randomBytes(8) });
  made.take({ ...offer(), sealed: randomBytes(90) });
  expect([network.bound, made.dropped]).toEqual([0, 3]);
});

test("begins one session for an offer that comes again and again, and few for many offers", () => {
  const network = silence();
  const { made } = answerer(network);
  const same = offer();
  for (let i = 0; i < 50; i++) made.take(same);
  expect(network.bound).toBe(1);
  for (let i = 0; i < 50; i++) made.take(offer());
  expect([network.bound, made.dropped]).toEqual([3, 48]);
});

test("gives up a session without a path, and begins none again for its old offer", async () => {
  const network = silence();
  const { made, clock } = answerer(network);
  const old = offer();
  made.take(old);
  clock.advance(36_000);
  await new Promise((resolve) => setImmediate(resolve));
  made.take(old);
  expect([network.bound, made.dropped]).toEqual([1, 1]);
  made.take(offer());
  expect(network.bound).toBe(2);
});

test("takes an offer again where the rendezvous was not reached at first", async () => {
  const closed = new SealwireError("UNAVAILABLE", "nobody is there");
  const network = Object.assign(silence(), { openWebSocket: () => Promise.reject(closed) });
  const { made, clock } = answerer(network);
  const same = offer();
  made.take(same);
  for (let ms = 0; ms < 9_000; ms += 100) {
    clock.advance(100);
    await new Promise((resolve) => setImmediate(resolve));
  }
  made.take(same);
  expect([network.bound, made.dropped]).toEqual([2, 0]);
});

test("says that it does not know a session that somebody asks for", () => {
  const { made, answers } = answerer(silence());
  const asked = { ...offer(), signal: "sync", sealed: new Uint8Array() } as const;
  made.take(asked);
  expect(answers).toEqual([asked]);
});
