import { afterEach, describe, expect, test, vi } from "vitest";
import { TRUST_ID, trustServer } from "../../../test/trust-rpc/raw-client.ts";
import { readVectors } from "../../../test/vectors/read-vectors.ts";
import { decodeHex, decodeUtf8, encodeHex } from "../../bytes/text.ts";
import type { Wire } from "../../core/contracts/dialect.ts";
import type { Message } from "../../core/model/message.ts";
import { trustRpc } from "./index.ts";

interface Frame {
  readonly dir: "c2s" | "s2c";
  readonly hex: string;
  readonly meaning: string;
}

interface Exchange {
  readonly name: string;
  readonly peers: string;
  readonly trustId: string;
  readonly frames: readonly Frame[];
  readonly outcome?: unknown;
}

const { exchanges } = readVectors<{ readonly exchanges: readonly Exchange[] }>(
  "trust-rpc/exchanges.json",
);
const bytesOf = (hex: string) => decodeHex(hex) ?? new Uint8Array();
const payloadOf = (frame: Frame) => bytesOf(frame.hex.slice(8));
const textOf = (frame: Frame) => decodeUtf8(payloadOf(frame)) ?? "";
const named = (chosen: readonly Exchange[]) => chosen.map((each) => [each.name, each] as const);

afterEach(() => void vi.restoreAllMocks());

/** Where we answer otherwise, and why. */
const DEVIATIONS: Readonly<Record<string, string>> = {
  // JavaScript reads 0.0 and 0 as the same number.
  "Task completed after 0.0 seconds.": "Task completed after 0 seconds.",
  // JSON has no NaN: we read it and do not write it.
  "[NaN, Infinity, Infinity": "RuntimeError: the answer cannot be sent: Out of range",
};

/** The recorded answer, or what we say in its place. */
function expectAnswer(heard: string | undefined, recorded: string): void {
  const [theirs, ours] =
    Object.entries(DEVIATIONS).find(([words]) => recorded.includes(words)) ?? [];
  if (theirs === undefined || ours === undefined) expect(heard).toBe(recorded);
  else expect(heard).toContain(ours);
}

describe("our server in the place of the original", () => {
  const served = exchanges.filter(
    ({ peers, frames }) => /original server/.test(peers) && frames.length > 0,
  );

  test.each(named(served))("answers as in the recording %s", async (_, { frames }) => {
    await using at = await trustServer();
    const challenge = bytesOf(frames[0] ? textOf(frames[0]) : "");
    vi.spyOn(globalThis.crypto, "getRandomValues").mockImplementation((array) => {
      if (array instanceof Uint8Array) array.set(challenge);
      return array;
    });
    const client = await at.open();
    for (const frame of frames) {
      if (frame.dir === "c2s") client.write(bytesOf(frame.hex));
      else expectAnswer(await client.hear(), textOf(frame));
    }
    if (
      frames.at(-1)?.meaning === "handshake verdict" &&
      textOf(frames.at(-1) as Frame) === "FAIL"
    ) {
      expect(await client.read()).toBeUndefined();
    }
    client.close();
  });

  test("says that a result cannot be sent, where the original breaks the connection off", async () => {
    await using at = await trustServer();
    const client = await at.enter();
    client.say('{"id": "x5", "method": "unserialisable"}', '{"id": "x6", "method": "echo"}');
    expect(await client.hear()).toContain(
      '"error": "RuntimeError: the answer cannot be sent: Object of type Set is not JSON',
    );
    expect(await client.hear()).toContain('"id": "x6"');
  });
});

describe("our client in the place of the original", () => {
  const called = exchanges.filter(({ peers }) => /original client/.test(peers));

  test.each(named(called))("says and understands the recording %s", async (_, exchange) => {
    const frames = [...exchange.frames];
    const said: string[] = [];
    const wire: Wire = {
      remote: "recording",
      read: async () => {
        const at = frames.findIndex(({ dir }) => dir === "s2c");
        const [frame] = at < 0 ? [] : frames.splice(at, 1);
        return frame ? payloadOf(frame) : Promise.reject(new Error("the recording ends here"));
      },
      write: async (frame) => void said.push(encodeHex(frame)),
    };
    const connecting = trustRpc({ anyChallenge: true }).connect(wire, {
      ...{ about: {}, maxFrameBytes: 2 ** 24, serverName: "", serverKeys: [] },
      credentials: { scheme: "password", password: exchange.trustId },
      trusts: async () => true,
      flush() {},
      signal: new AbortController().signal,
    });
    if (JSON.stringify(exchange.outcome).includes("HandshakeError")) {
      await expect(connecting).rejects.toMatchObject({
        code: expect.stringMatching("UNAUTHENTICATED|HANDSHAKE_FAILED"),
      });
      expect(said).toEqual([encodeHex(payloadOf(exchange.frames[1] as Frame))]);
      return;
    }
    const session = await connecting;
    const [digest, ...rest] = frames;
    expect(said).toEqual([digest && encodeHex(payloadOf(digest))]);
    const heard: Message[] = [];
    for (const frame of rest) {
      if (frame.dir === "s2c") heard.push(...session.decode(payloadOf(frame)));
      else {
        const written = session.encode([callIn(textOf(frame))]);
        // JavaScript writes the number 0.0 as 0.
        expect(written.map((bytes) => decodeUtf8(bytes))).toEqual([
          textOf(frame).replace("[0.0]", "[0]"),
        ]);
      }
    }
    expectOutcome(heard, exchange.outcome);
  });

  /** The call that a recorded request stands for. */
  function callIn(request: string): Message {
    const { id, method, params } = JSON.parse(request);
    const args = { positional: params.args, named: params.kwargs };
    return { kind: "call", id, procedure: method, args };
  }

  function expectOutcome(heard: readonly Message[], outcome: unknown): void {
    const { result, results, asSeenByCaller } = outcome as Readonly<Record<string, unknown[]>>;
    const values = heard.map((each) => each.kind === "result" && each.value);
    if (results ?? result)
      expect(values.slice(-(results?.length ?? 1))).toEqual(results ?? [result]);
    const errors = heard.map((each) => each.kind === "error" && each.failure.message);
    if (asSeenByCaller) {
      expect(errors.map((error) => `RuntimeError: ${error}`)).toEqual(asSeenByCaller);
    }
  }
});

test("every recorded exchange is played by one of the sides", () => {
  const left = exchanges.filter(({ peers, frames }) => {
    return frames.length === 0 || !/original (client|server)/.test(peers);
  });
  // A server without a secret never lets anybody in; ours says so with FAIL.
  expect(left.map(({ name }) => name)).toEqual(["server-without-secret"]);
  expect(TRUST_ID).toBe("vector-trust-id-é");
});
