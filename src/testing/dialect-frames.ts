import { expect, test } from "vitest";
import type { Acceptor, Initiator, Session } from "../core/contracts/dialect.ts";
import { acceptHandshake, connectHandshake, type Link } from "../core/engine/handshake.ts";
import { DEFAULT_LIMITS } from "../core/engine/limits.ts";
import { SealwireError } from "../core/model/errors.ts";
import { type CallId, type Message, NO_ARGUMENTS } from "../core/model/message.ts";
import { memoryPair } from "../transports/memory/channel.ts";
import { pattern } from "./channel-ends.ts";
import type { DialectSuite, DialectUnderTest } from "./dialect-under-test.ts";
import { type ManualClock, manualClock } from "./manual-clock.ts";

/** What a session does with frames, honest ones and others. */
export function framing(suite: DialectSuite): void {
  test("names calls so that no two open ones are mistaken for each other", async () => {
    const { client, server } = await linked(suite);
    const ids = new Set<CallId>();
    for (let i = 0; i < 50; i++) ids.add(client.session.nextCallId());
    const { callsBothWays } = client.dialect.vocabulary;
    if (callsBothWays) for (let i = 0; i < 50; i++) ids.add(server.session.nextCallId());
    expect(ids.size).toBe(callsBothWays ? 100 : 50);
  });

  test("says nothing when there is nothing to say", async () => {
    const { client, server } = await linked(suite);
    expect(carry(client.session, server.session, [])).toEqual([]);
  });

  test("refuses what cannot be said before anything has changed", async () => {
    const { client, server } = await linked(suite);
    const unsayable = callOf(client.session, () => "a function");
    const refused = [unsayable, callOf(client.session, 1)];
    expect(() => client.session.encode(refused)).toThrow(SealwireError);
    const [first] = refused.slice(1);
    const heard = first && carry(client.session, server.session, [first]);
    expect(heard?.[0]).toMatchObject({ kind: "call", procedure: "echo" });
  });

  test("gives a code to every frame that is cut, changed or garbage", async () => {
    for (let seed = 0; seed < 40; seed++) {
      const { client, server } = await linked(suite);
      const [frame = new Uint8Array(0)] = client.session.encode([callOf(client.session, 1)]);
      expect(decoded(server.session, spoil(frame, seed))).toBe(true);
    }
  });

  test("gives a code to every greeting that is garbage", async () => {
    for (let seed = 0; seed < 20; seed++) {
      const { dialect } = await suite.make();
      const [near, far] = memoryPair({ boundaries: dialect.framing ? "lost" : "kept" });
      const clock = manualClock();
      const accepting = acceptHandshake(greetingOf(far, dialect, clock), ACCEPTOR);
      const outcome = accepting.catch((thrown: unknown) => thrown);
      near.write([pattern(seed * 9, seed)]);
      void near.close();
      // Some wires wait for more, or have no greeting that garbage could spoil.
      queueMicrotask(() => clock.advance(DEFAULT_LIMITS.handshakeTimeoutMs));
      const result = await outcome;
      if (result instanceof Error) expect(result).toBeInstanceOf(SealwireError);
    }
  });
}

interface Links {
  readonly client: Link;
  readonly server: Link;
}

async function linked(suite: DialectSuite): Promise<Links> {
  const { dialect, server, client } = await suite.make();
  const [near, far] = memoryPair({ boundaries: dialect.framing ? "lost" : "kept" });
  const identity = await dialect.identity?.();
  const clock = manualClock();
  const initiator = {
    ...INITIATOR,
    ...(client?.credentials && { credentials: client.credentials }),
  };
  const serverKeys = identity ? [identity.publicKey] : [];
  const accepting = acceptHandshake(greetingOf(far, dialect, clock), acceptorFor(server));
  const connecting = connectHandshake(greetingOf(near, dialect, clock), {
    ...initiator,
    serverKeys,
  });
  // Whatever fails first is told; the other may never end.
  const [accepted] = await Promise.race([
    Promise.all([accepting, connecting]),
    accepting.then((link) => [link] as const),
  ]);
  void answerGreeting(accepted, connecting);
  const connected = await connecting;
  return { client: connected, server: accepted };
}

/** On some wires the greeting is a request like others, which the engine would answer. */
async function answerGreeting(server: Link, connecting: Promise<unknown>): Promise<void> {
  const over = connecting.then(
    () => ({ done: true, value: undefined }) as const,
    () => ({ done: true, value: undefined }) as const,
  );
  for (;;) {
    const { done, value } = await Promise.race([over, server.chunks.next()]);
    if (done) return;
    const messages = server.framing.push(value).flatMap((frame) => server.session.decode(frame));
    const answers = server.session.encode(messages.flatMap(settledAnswer));
    server.channel.write(answers.flatMap((frame) => server.framing.wrap(frame)));
  }
}

function settledAnswer(message: Message): readonly Message[] {
  if (message.kind !== "call" || !message.settled || !("value" in message.settled)) return [];
  return [{ kind: "result", id: message.id, value: message.settled.value }];
}

function greetingOf(
  channel: ReturnType<typeof memoryPair>[0],
  dialect: DialectUnderTest["dialect"],
  clock: ManualClock,
): Parameters<typeof acceptHandshake>[0] {
  return { channel, dialect, clock, limits: DEFAULT_LIMITS };
}

const ABOUT = { name: "the suite" };
const SOMEBODY = { id: "somebody", scopes: new Set<string>() };

const ACCEPTOR: Omit<Acceptor, "signal"> = {
  ...{ about: ABOUT, maxFrameBytes: DEFAULT_LIMITS.maxFrameBytes },
  authenticate: async () => SOMEBODY,
  findSecret: async () => undefined,
  flush() {},
};

const INITIATOR: Omit<Initiator, "signal"> = {
  ...{ about: ABOUT, maxFrameBytes: DEFAULT_LIMITS.maxFrameBytes },
  ...{ credentials: { scheme: "anonymous" }, serverName: "sealwire", serverKeys: [] },
  trusts: async () => true,
  flush() {},
};

function acceptorFor(server: DialectUnderTest["server"]): Omit<Acceptor, "signal"> {
  const { authenticator } = server ?? {};
  if (!authenticator) return ACCEPTOR;
  const peer = { id: "c1", remote: "memory:suite", dialect: "the suite's" };
  return {
    ...ACCEPTOR,
    authenticate: async (evidence) =>
      (await authenticator.authenticate(evidence, peer)) ?? SOMEBODY,
    findSecret: async (fits) => authenticator.findSecret?.(fits),
  };
}

function callOf(session: Session, value: unknown): Message {
  const args = { positional: [value], named: NO_ARGUMENTS.named };
  return { kind: "call", id: session.nextCallId(), procedure: "echo", args };
}

function carry(from: Session, to: Session, batch: readonly Message[]): readonly Message[] {
  return from.encode(batch).flatMap((frame) => to.decode(frame.slice()));
}

/** A frame with a byte changed, cut short, lengthened, or replaced. */
function spoil(frame: Uint8Array, seed: number): Uint8Array {
  const at = (seed * 7) % Math.max(1, frame.length);
  const changed = frame.slice();
  changed[at] = (changed[at] ?? 0) ^ (1 << (seed % 8));
  const ways = [
    changed,
    frame.slice(0, at),
    Uint8Array.of(...frame, seed),
    pattern(seed * 3, seed),
  ];
  return ways[seed % ways.length] ?? changed;
}

/** Whether the frame was understood or refused as it should be. */
function decoded(session: Session, frame: Uint8Array): boolean {
  try {
    return Array.isArray(session.decode(frame));
  } catch (thrown) {
    return thrown instanceof SealwireError;
  }
}
