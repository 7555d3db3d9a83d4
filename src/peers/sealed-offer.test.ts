import fc from "fast-check";
import { expect, test } from "vitest";
import { NOBLE_SYMMETRIC } from "../crypto/providers/noble-symmetric.ts";
import { randomBytes } from "../crypto/random.ts";
import { pairingKeys, sessionKeys } from "./pairing-keys.ts";
import { type Offer, type OfferContext, openOffer, sealOffer } from "./sealed-offer.ts";
import { MAX_SEALED_BYTES } from "./service-datagram.ts";

const KEYS = pairingKeys(randomBytes(32), NOBLE_SYMMETRIC);
const CONTEXT: OfferContext = {
  signal: "offer",
  topic: KEYS.topic,
  from: new Uint8Array(8).fill(1),
  session: new Uint8Array(8).fill(2),
};
const OFFER: Offer = {
  ...{ nonce: new Uint8Array(16).fill(3), stream: 77, nat: "random" },
  candidates: [
    { host: "192.0.2.7", port: 4_000 },
    { host: "2001:db8::7", port: 5_000 },
  ],
  relay: { reservation: { expiresS: 9, proof: new Uint8Array(16) }, address: "udp://192.0.2.1:1" },
};

const sealed = (offer = OFFER) => sealOffer(offer, CONTEXT, KEYS, NOBLE_SYMMETRIC);

test("tells the other holder of the key what was offered", () => {
  expect(openOffer(sealed(), CONTEXT, KEYS, NOBLE_SYMMETRIC)).toEqual(OFFER);
  const bare = { ...OFFER, relay: undefined, candidates: [] };
  expect(openOffer(sealed(bare), CONTEXT, KEYS, NOBLE_SYMMETRIC)).toMatchObject({ candidates: [] });
});

test("is never the same twice, and fits into a datagram with all that may be told", () => {
  expect(sealed()).not.toEqual(sealed());
  const many = Array.from({ length: 100 }, (_, i) => ({ host: "2001:db8::1", port: i + 1 }));
  const longest = sealed({ ...OFFER, candidates: many });
  expect(longest.length).toBeLessThanOrEqual(MAX_SEALED_BYTES);
});

test("tells nothing to another key, another session, sender, topic or signal", () => {
  const other = pairingKeys(randomBytes(32), NOBLE_SYMMETRIC);
  const contexts = [
    { ...CONTEXT, signal: "answer" as const },
    { ...CONTEXT, session: randomBytes(8) },
    { ...CONTEXT, from: randomBytes(8) },
    { ...CONTEXT, topic: randomBytes(16) },
  ];
  for (const context of contexts) {
    expect(() => openOffer(sealed(), context, KEYS, NOBLE_SYMMETRIC)).toThrow();
  }
  expect(() => openOffer(sealed(), CONTEXT, other, NOBLE_SYMMETRIC)).toThrow();
});

test("refuses garbage and whatever was altered with a code", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(1_000), (noise, bit) => {
      const bytes = sealed();
      const at = (bit >> 3) % bytes.length;
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
      for (const each of [noise, bytes]) {
        expect(() => openOffer(each, CONTEXT, KEYS, NOBLE_SYMMETRIC)).toThrow(
          expect.objectContaining({ code: expect.stringMatching(/RECORD_REJECTED|PROTOCOL/) }),
        );
      }
    }),
  );
});

test("gives each session keys of its own, whoever repeats an offer", () => {
  const salt = { session: randomBytes(8), callerNonce: randomBytes(16) };
  const first = sessionKeys(KEYS, { ...salt, listenerNonce: randomBytes(16) }, NOBLE_SYMMETRIC);
  const second = sessionKeys(KEYS, { ...salt, listenerNonce: randomBytes(16) }, NOBLE_SYMMETRIC);
  expect(first.listener).not.toEqual(second.listener);
  expect(first.caller).not.toEqual(first.listener);
});

test("refuses a key that could be guessed, and does not show it", () => {
  const weak = () => pairingKeys("tuesday", NOBLE_SYMMETRIC);
  expect(weak).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  expect(weak).not.toThrow(/tuesday/);
});
