import { expect, test } from "vitest";
import { digestOf, framed, TRUST_ID, trustServer } from "../../../test/trust-rpc/raw-client.ts";
import { encodeUtf8 } from "../../bytes/text.ts";
import type { Initiator, Wire } from "../../core/contracts/dialect.ts";
import { acceptHandshake } from "../../core/engine/handshake.ts";
import { DEFAULT_LIMITS } from "../../core/engine/limits.ts";
import type { Credentials } from "../../core/model/credentials.ts";
import { manualClock } from "../../testing/manual-clock.ts";
import { memoryPair } from "../../transports/memory/channel.ts";
import { type TrustRpcOptions, trustRpc } from "./index.ts";

/** A client that greets a server which says these frames, and what it wrote. */
function greet(
  frames: readonly string[],
  credentials: Credentials = { scheme: "password", password: TRUST_ID },
  options: TrustRpcOptions = {},
) {
  const written: Uint8Array[] = [];
  const left = [...frames];
  const wire: Wire = {
    remote: "test",
    read: async () => encodeUtf8(left.shift() ?? ""),
    write: async (frame) => void written.push(frame),
  };
  const initiator: Initiator = {
    ...{ about: {}, maxFrameBytes: 2 ** 24, serverName: "", serverKeys: [], credentials },
    trusts: async () => true,
    flush() {},
    signal: new AbortController().signal,
  };
  return { written, session: trustRpc(options).connect(wire, initiator) };
}

const CHALLENGE = "0123456789abcdef".repeat(2);

test("answers a challenge with the digest of its text and the secret, from either credential", async () => {
  for (const credentials of [
    { scheme: "password", password: TRUST_ID },
    { scheme: "secret", secret: encodeUtf8(TRUST_ID) },
  ] as const) {
    const { written, session } = greet([CHALLENGE, "OK"], credentials);
    await session;
    expect(written).toEqual([digestOf(encodeUtf8(CHALLENGE))]);
  }
});

test("sends nothing without a secret", async () => {
  for (const credentials of [
    { scheme: "anonymous" },
    { scheme: "password", password: "" },
    { scheme: "token", token: "abc" },
  ] as const) {
    const { written, session } = greet([CHALLENGE, "OK"], credentials);
    await expect(session).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    expect(written).toEqual([]);
  }
});

test("takes every verdict but OK for a refusal", async () => {
  for (const verdict of ["FAIL", "ok", "OK\n", "", "OKAY"]) {
    const { session } = greet([CHALLENGE, verdict]);
    await expect(session).rejects.toMatchObject({
      code: verdict === "FAIL" ? "UNAUTHENTICATED" : "HANDSHAKE_FAILED",
    });
  }
});

test("answers no challenge that the original would not send, unless told to", async () => {
  for (const challenge of ["abc", "", CHALLENGE.toUpperCase(), `${CHALLENGE}00`, "x".repeat(32)]) {
    const { written, session } = greet([challenge, "OK"]);
    await expect(session).rejects.toMatchObject({ code: "HANDSHAKE_FAILED" });
    expect(written).toEqual([]);
    const willing = greet([challenge, "OK"], undefined, { anyChallenge: true });
    await willing.session;
    expect(willing.written).toEqual([digestOf(encodeUtf8(challenge))]);
  }
});

test("never shows the secret in what it throws", async () => {
  for (const frames of [["abc"], [CHALLENGE, "FAIL"], [CHALLENGE, "no"]]) {
    const error = await greet(frames).session.catch((thrown: unknown) => thrown);
    expect(JSON.stringify(error) + String(error)).not.toContain(TRUST_ID);
  }
});

test("gives every client a challenge of its own", async () => {
  await using at = await trustServer();
  const clients = await Promise.all(Array.from({ length: 20 }, () => at.open()));
  const challenges = await Promise.all(clients.map((client) => client.hear()));
  expect(new Set(challenges).size).toBe(20);
});

test("says FAIL to a digest for another challenge, of another secret or size, and closes", async () => {
  await using at = await trustServer();
  const wrong = (challenge: Uint8Array): readonly Uint8Array[] => [
    digestOf(encodeUtf8(CHALLENGE)),
    digestOf(challenge, "another"),
    digestOf(challenge).slice(1),
    new Uint8Array(),
  ];
  for (const i of [0, 1, 2, 3]) {
    const client = await at.open();
    client.write(framed(wrong((await client.read()) ?? new Uint8Array())[i] ?? new Uint8Array()));
    expect(await client.hear()).toBe("FAIL");
    expect(await client.read()).toBeUndefined();
  }
  expect(at.server.connections.size).toBe(0);
});

test("serves nobody before the verdict, not even what is public", async () => {
  await using at = await trustServer({}, (server) => {
    server.expose({ open: () => "told" }, { public: true });
  });
  const client = await at.open();
  await client.read();
  client.say('{"id": 1, "method": "open"}');
  expect(await client.hear()).toBe("FAIL");
});

test("gives up a login that trickles in, when its time is up", async () => {
  const clock = manualClock();
  const [near, far] = memoryPair();
  const greeting = { channel: far, dialect: trustRpc(), limits: DEFAULT_LIMITS, clock };
  const accepting = acceptHandshake(greeting, {
    ...{ about: {}, maxFrameBytes: DEFAULT_LIMITS.maxFrameBytes },
    authenticate: async () => ({ id: "nobody", scopes: new Set<string>() }),
    findSecret: async () => undefined,
    flush() {},
  });
  near.write([Uint8Array.of(0), Uint8Array.of(0), Uint8Array.of(0), Uint8Array.of(32)]);
  near.write([Uint8Array.of(1), Uint8Array.of(2)]);
  queueMicrotask(() => clock.advance(DEFAULT_LIMITS.handshakeTimeoutMs));
  await expect(accepting).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
});

test("closes on a frame that claims 4 GiB, before and after the greeting", async () => {
  await using at = await trustServer();
  const early = await at.open();
  await early.read();
  early.write(Uint8Array.of(255, 255, 255, 255, 1, 2, 3));
  expect(await early.read()).toBeUndefined();
  const late = await at.enter();
  late.write(Uint8Array.of(255, 255, 255, 255, 1, 2, 3));
  await expect(
    late.read().then(
      (frame) => frame ?? "closed",
      () => "closed",
    ),
  ).resolves.toBe("closed");
  const other = await at.enter();
  other.say('{"id": 1, "method": "greet", "params": {"args": ["B"]}}');
  expect(await other.hear()).toContain("Hello, B!");
});
