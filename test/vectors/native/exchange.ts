import { deflate } from "../../../src/codecs/deflate.ts";
import type { Session } from "../../../src/core/contracts/dialect.ts";
import type { Credentials } from "../../../src/core/model/credentials.ts";
import type { Message } from "../../../src/core/model/message.ts";
import { NO_ARGUMENTS } from "../../../src/core/model/message.ts";
import type { KeyPair } from "../../../src/crypto/keys.ts";
import { acceptNative } from "../../../src/dialects/native/accept.ts";
import { connectNative } from "../../../src/dialects/native/connect.ts";
import { FramePool } from "../../../src/dialects/native/frame-pool.ts";
import { nativeSettings, type NativeOptions } from "../../../src/dialects/native/options.ts";
import {
  acceptorOf,
  ANN,
  API_KEY,
  fixedKeys,
  IDENTITY,
  initiatorOf,
  PROVIDER,
  SECRET,
  TOKEN,
} from "../../native/greeting.ts";
import { type Side, type WirePair, wirePair } from "../../native/wires.ts";

/** What is recorded: a greeting with fixed keys, and what is said after it. */
export interface Recording {
  readonly name: string;
  readonly about: string;
  readonly credentials: Credentials;
  /** Whether the client knows the server's key beforehand. */
  readonly pinned: boolean;
  readonly client?: Partial<NativeOptions>;
  readonly server?: Partial<NativeOptions>;
  readonly turns: readonly Turn[];
}

/** What one side says in one turn: one batch. */
export interface Turn {
  readonly from: Side;
  readonly messages: readonly Message[];
}

/** The random parts of an exchange, which here are none. */
export const FIXED: {
  readonly client: KeyPair;
  readonly server: KeyPair;
  readonly hintNonce: Uint8Array;
} = {
  client: fixedKeys("client's ephemeral key"),
  server: fixedKeys("server's ephemeral key"),
  hintNonce: fixedKeys("hint nonce").secretKey.slice(0, 16),
};

const call = (id: number, procedure: string, ...positional: unknown[]): Message => ({
  ...{ kind: "call", id, procedure },
  args: { positional, named: NO_ARGUMENTS.named },
});

const EVERY_KIND: readonly Turn[] = [
  {
    from: "client",
    messages: [
      call(1, "add", 2, 3),
      {
        ...{ kind: "call", id: 3, procedure: "sum", streaming: true, timeoutMs: 5_000 },
        args: { positional: [], named: { from: "ä" } },
        meta: { trace: "1f" },
      },
      { kind: "item", id: 3, value: { n: -1.5, ok: true, nothing: null } },
      { kind: "end", id: 3 },
      { kind: "ping" },
    ],
  },
  {
    from: "server",
    messages: [
      { kind: "result", id: 1, value: 5 },
      { kind: "result", id: 3, value: undefined },
      { kind: "error", id: 5, failure: { code: "NOT_FOUND", message: "no", details: ["x"] } },
      { kind: "pong" },
      call(2, "whoAreYou"),
    ],
  },
  {
    from: "server",
    messages: [
      { kind: "event", name: "news", data: { image: new Uint8Array(5_000).fill(0xab) } },
      { kind: "item", id: 7, value: [1n << 70n, new Date(1_700_000_000_123), -(1n << 64n)] },
      { kind: "item", id: 7, value: [new Map([["k", new Set([1, "two"])]]), Uint8Array.of(1, 2)] },
      { kind: "credit", id: 7, items: 128 },
    ],
  },
  {
    from: "client",
    messages: [
      { kind: "cancel", id: 9 },
      { kind: "pause" },
      { kind: "resume" },
      { kind: "goodbye", reason: "UNAVAILABLE: shutting down" },
      { kind: "goodbye" },
    ],
  },
];

const SHORT: readonly Turn[] = [
  { from: "client", messages: [call(1, "add", 2, 3)] },
  { from: "server", messages: [{ kind: "result", id: 1, value: 5 }] },
];

/** The third record of a direction changes its key. */
const THREE_TURNS = [...SHORT, ...SHORT, ...SHORT];

/** Everything that is recorded. */
export const RECORDINGS: readonly Recording[] = [
  {
    ...{ name: "nk-anonymous", pinned: true, credentials: { scheme: "anonymous" } },
    about: "A known server, a client that proves nothing, every kind of message.",
    turns: EVERY_KIND,
  },
  {
    ...{ name: "nk-token", pinned: true, credentials: { scheme: "token", token: TOKEN } },
    about: "A known server and a bearer token; records filled up to 64 bytes by the client.",
    client: { paddingBytes: 64 },
    turns: SHORT,
  },
  {
    ...{ name: "xk-api-key", pinned: true, credentials: { scheme: "api-key", key: API_KEY } },
    about: "A known server and an API key, which stands for a key pair; keys change often.",
    client: { rekeyAfterRecords: 2 },
    server: { rekeyAfterRecords: 2 },
    turns: THREE_TURNS,
  },
  {
    ...{ name: "xx-key-pair", pinned: false },
    credentials: { scheme: "key-pair", secretKey: ANN.secretKey },
    about: "The first contact: the server shows its key; compressed messages.",
    client: { compression: deflate() },
    server: { compression: deflate() },
    turns: [
      { from: "server", messages: [{ kind: "event", name: "text", data: "again ".repeat(400) }] },
      ...SHORT,
    ],
  },
  {
    ...{ name: "nnpsk0-secret", pinned: true, credentials: { scheme: "secret", secret: SECRET } },
    about: "A shared secret, named by a hint; an application of its own.",
    client: { application: "vectors" },
    server: { application: "vectors" },
    turns: SHORT,
  },
];

/** The greeting of one side alone or of both, over whatever wires. */
export function connecting(recording: Recording, wires: Pick<WirePair, "client">): Promise<Session> {
  const serverKeys = recording.pinned ? [IDENTITY.publicKey] : [];
  const { credentials } = recording;
  return connectNative(wires.client, initiatorOf({ credentials, serverKeys }), {
    ...{ provider: PROVIDER, pool: new FramePool() },
    settings: nativeSettings({ crypto: PROVIDER, ...recording.client }),
    fixed: { ephemeralKeys: FIXED.client, hintNonce: FIXED.hintNonce },
  });
}

/** The server's half. */
export async function accepting(
  recording: Recording,
  wires: Pick<WirePair, "server">,
): Promise<Session> {
  return acceptNative(wires.server, await acceptorOf(), {
    ...{ provider: PROVIDER, pool: new FramePool(), identity: IDENTITY },
    settings: nativeSettings({ crypto: PROVIDER, ...recording.server }),
    falseRecordOf: async () => new Uint8Array(0),
    ephemeralKeys: FIXED.server,
  });
}

/** Both halves, and a frame for each thing that went over the wire. */
export async function run(recording: Recording): Promise<{
  readonly binding: Uint8Array;
  readonly greeting: WirePair["written"];
  readonly turns: readonly (Turn & { readonly frames: readonly Uint8Array[] })[];
}> {
  const pair = wirePair();
  const [server, client] = await Promise.all([accepting(recording, pair), connecting(recording, pair)]);
  const turns = recording.turns.map((turn) => {
    const session = turn.from === "client" ? client : server;
    return { ...turn, frames: session.encode(turn.messages) };
  });
  return { binding: client.binding ?? new Uint8Array(0), greeting: pair.written, turns };
}
