import { describe, expect, it } from "vitest";
import type { BoxCrypto } from "../../crypto/box.ts";
import { nodeBox } from "../../crypto/providers/node-box.node.ts";
import { randomBytes } from "../../crypto/random.ts";
import { Nonces } from "./nonces.ts";
import { PeerKeys } from "./peer-keys.ts";

const crypto = nodeBox();
const secretKey = randomBytes(32);

describe("the keys of peers", () => {
  it("are agreed once for each peer whose boxes open", () => {
    const { counting, agreed } = counted();
    const peers = new PeerKeys(counting, secretKey, 10);
    const publicKey = crypto.publicKey(randomBytes(32));
    peers.opened(peers.find(publicKey), randomBytes(24));
    for (let i = 0; i < 5; i += 1) peers.find(publicKey);
    expect(agreed()).toBe(1);
  });

  it("are not kept for whoever only names them", () => {
    const peers = new PeerKeys(crypto, secretKey, 10);
    for (let i = 0; i < 50; i += 1) peers.find(crypto.publicKey(randomBytes(32)));
    expect(peers.size).toBe(0);
  });

  it("refuse one of low order in PyNaCl's words", () => {
    const peers = new PeerKeys(crypto, secretKey, 10);
    expect(() => peers.find(new Uint8Array(32))).toThrow("Unexpected library error");
  });

  it("remember nonces for each peer apart, and at most ten thousand peers", () => {
    const { counting } = counted();
    const peers = new PeerKeys(counting, secretKey, 2);
    const nonce = randomBytes(24);
    for (let i = 0; i < 10_050; i += 1) {
      const key = keyOf(i);
      peers.opened(peers.find(key), nonce);
    }
    expect(peers.size).toBe(10_000);
    const last = keyOf(10_049);
    expect(() => peers.opened(peers.find(last), nonce)).toThrow("sent before");
  });

  it("push out those who were silent the longest", () => {
    const { counting, agreed } = counted();
    const peers = new PeerKeys(counting, secretKey, false);
    for (let i = 0; i < 10_050; i += 1) {
      // The first one speaks all the time.
      for (const key of [keyOf(0), keyOf(i)]) peers.opened(peers.find(key), randomBytes(24));
    }
    const before = agreed();
    peers.find(keyOf(0));
    expect(agreed()).toBe(before);
    peers.find(keyOf(1));
    expect(agreed()).toBe(before + 1);
  });

  it("take every nonce again where nobody asked for a memory", () => {
    const peers = new PeerKeys(crypto, secretKey, false);
    const key = crypto.publicKey(randomBytes(32));
    const nonce = randomBytes(24);
    for (let i = 0; i < 3; i += 1) peers.opened(peers.find(key), nonce);
    expect(peers.size).toBe(1);
  });
});

it("a window of nonces forgets the oldest first", () => {
  const nonces = new Nonces(2);
  const [a, b, c] = [randomBytes(24), randomBytes(24), randomBytes(24)];
  expect([nonces.use(a), nonces.use(a), nonces.use(b), nonces.use(c)]).toEqual([
    ...[true, false, true, true],
  ]);
  expect([nonces.use(b), nonces.use(a), nonces.size]).toEqual([false, true, 2]);
});

/** A provider that agrees on nothing in no time, and counts how often. */
function counted(): { readonly counting: BoxCrypto; readonly agreed: () => number } {
  let times = 0;
  const boxKey = () => {
    times += 1;
    return new Uint8Array(32);
  };
  return { counting: { ...crypto, boxKey }, agreed: () => times };
}

function keyOf(i: number): Uint8Array {
  return Uint8Array.of(...new Uint8Array(30), i >> 8, i & 255);
}
