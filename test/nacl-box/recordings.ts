import { decodeHex, encodeUtf8 } from "../../src/bytes/text.ts";
import type { KeyPair } from "../../src/crypto/keys.ts";
import { readVectors } from "../vectors/read-vectors.ts";

/** One frame of a recording. */
export interface RecordedFrame {
  readonly fromClient: boolean;
  readonly body: Uint8Array;
  readonly text: string;
  readonly nonce: Uint8Array | undefined;
  /** What its box holds. */
  readonly plaintext: string | undefined;
}

/** One request and what was answered. */
export interface Recording {
  readonly name: string;
  readonly request: RecordedFrame;
  readonly reply: RecordedFrame;
  readonly outcome: { readonly returned?: unknown; readonly text?: string } | undefined;
}

/** One session of the browser client: its keys, and its requests with their replies. */
export interface RecordedSession {
  readonly keys: KeyPair;
  readonly exchanges: readonly Recording[];
}

interface RawFrame {
  readonly direction: string;
  readonly body_text?: string;
  readonly payload?: string;
  readonly decoded: { readonly nonce_hex?: string; readonly plaintext?: string };
}

interface RawRecording {
  readonly name: string;
  readonly messages: readonly [RawFrame, RawFrame];
  readonly client_outcome?: Recording["outcome"];
}

interface RawOutcome {
  readonly outcome_of: string;
  readonly returned?: unknown;
  readonly text?: string;
}

const raw = readVectors<{
  readonly keys: Readonly<Record<string, string>>;
  readonly calls: readonly RawRecording[];
  readonly raw_requests: readonly RawRecording[];
  readonly websocket: {
    readonly sessions: readonly {
      readonly client_secret_hex: string;
      readonly client_public_hex: string;
      readonly frames: readonly (RawFrame | RawOutcome)[];
    }[];
  };
}>("nacl-box/zmq-nacl.json");

/** The key pairs of the recordings over ZeroMQ; the server's is that of WebSocket, too. */
export const SERVER_KEYS: KeyPair = keysOf("server");
export const CLIENT_KEYS: KeyPair = keysOf("client");
/** What the Python client asked and was answered. */
export const CALLS: readonly Recording[] = raw.calls.map(recordingOf);
/** What the Python server answered to requests made by hand. */
export const RAW_REQUESTS: readonly Recording[] = raw.raw_requests.map(recordingOf);
/** What the browser client asked and was answered. */
export const SESSIONS: readonly RecordedSession[] = raw.websocket.sessions.map((session) => ({
  keys: { secretKey: hex(session.client_secret_hex), publicKey: hex(session.client_public_hex) },
  exchanges: exchangesOf(session.frames),
}));

function keysOf(who: string): KeyPair {
  const { [`${who}_secret_hex`]: secret, [`${who}_public_hex`]: open } = raw.keys;
  return { secretKey: hex(secret), publicKey: hex(open) };
}

function recordingOf({ name, messages, client_outcome: outcome }: RawRecording): Recording {
  return { name, request: frameOf(messages[0]), reply: frameOf(messages[1]), outcome };
}

/** Frames come in pairs; what a call gave its caller stands behind its reply. */
function exchangesOf(frames: readonly (RawFrame | RawOutcome)[]): readonly Recording[] {
  const wire = frames.filter((frame): frame is RawFrame => "payload" in frame).map(frameOf);
  const outcomes = frames.filter((frame): frame is RawOutcome => "outcome_of" in frame);
  return wire.flatMap((request, at) => {
    const reply = wire[at + 1];
    if (at % 2 === 1 || !reply) return [];
    // The greeting has no outcome.
    const outcome = at === 0 ? undefined : outcomes[at / 2 - 1];
    return [{ name: outcome?.outcome_of ?? "HELLO", request, reply, outcome }];
  });
}

function frameOf({ direction, body_text, payload, decoded }: RawFrame): RecordedFrame {
  const text = body_text ?? payload ?? "";
  const { nonce_hex: nonce, plaintext } = decoded;
  return {
    ...{ fromClient: direction === "client->server", body: encodeUtf8(text), text, plaintext },
    nonce: nonce === undefined ? undefined : hex(nonce),
  };
}

function hex(text = ""): Uint8Array {
  const bytes = decodeHex(text);
  if (!bytes) throw new Error(`not hex: ${text}`);
  return bytes;
}
