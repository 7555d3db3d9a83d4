import { describe, expect, it } from "vitest";
import {
  CALLS,
  CLIENT_KEYS,
  RAW_REQUESTS,
  type RecordedFrame,
  type Recording,
  SERVER_KEYS,
  SESSIONS,
} from "../../../test/nacl-box/recordings.ts";
import { encodeBase64 } from "../../bytes/encode-base64.ts";
import { decodeUtf8 } from "../../bytes/text.ts";
import type { Failure } from "../../core/model/errors.ts";
import type { CallMessage, Message } from "../../core/model/message.ts";
import type { KeyPair } from "../../crypto/keys.ts";
import { nodeBox } from "../../crypto/providers/node-box.node.ts";
import { AnsweringSession } from "./answering-session.ts";
import { CallingSession } from "./calling-session.ts";
import { helloText, parseAcknowledgement } from "./messages.ts";
import { naclBoxSettings } from "./options.ts";
import { PeerKeys } from "./peer-keys.ts";

const crypto = nodeBox();
const settings = naclBoxSettings({});
const { json } = settings;

/** Failures that the engine and handlers give where the original gave these texts. */
const FAILURES: Readonly<Record<string, Failure>> = {
  "Funktion nope nicht gefunden": { code: "NOT_FOUND", message: "?", type: "UnknownProcedure" },
  "Ungültiger API-Key": { code: "UNAUTHENTICATED", message: "these credentials …" },
};

describe("a server answers the recorded requests with the recorded bytes", () => {
  it.each([...CALLS, ...RAW_REQUESTS])("$name", (recording) => {
    expectAnswered(recording);
  });
  it.each(SESSIONS.flatMap(({ exchanges }) => exchanges))("$name from the browser", (recording) => {
    expectAnswered(recording);
  });
});

describe("a client writes what the Python client wrote, and reads what it read", () => {
  it.each(CALLS.filter(({ name }) => name !== "hello"))("$name", ({ request, reply, outcome }) => {
    const call: Called = JSON.parse(request.plaintext ?? "");
    const session = callingSession(CLIENT_KEYS, request, call.api_key);
    const args = { positional: call.args, named: call.kwargs };
    const message = { kind: "call", id: 1, procedure: call.func, args } as const;
    expect(textOf(session.encode([message]))).toBe(request.text);
    const [answer] = session.decode(reply.body);
    expect(told(answer)).toEqual(given(outcome, call));
  });

  it("greets as it greeted, and finds the server's key", () => {
    const [{ request, reply } = never()] = CALLS;
    const text = helloText(encodeBase64(CLIENT_KEYS.publicKey), { push: false, ids: false });
    expect(text).toBe(request.text);
    const { serverKey } = parseAcknowledgement(reply.body, json);
    expect(serverKey).toEqual(SERVER_KEYS.publicKey);
  });
});

it("a client reads what the server told the browser client", () => {
  for (const { keys, exchanges } of SESSIONS) {
    for (const { request, reply, outcome } of exchanges.slice(1)) {
      const call: Called = JSON.parse(request.plaintext ?? "");
      const session = callingSession(keys, request, call.api_key);
      const args = { positional: [], named: {} };
      session.encode([{ kind: "call", id: 1, procedure: "any", args }]);
      const answer = told(session.decode(reply.body)[0]);
      if (reply.nonce) expect(answer).toEqual({ value: outcome?.returned });
      else expect(answer).toEqual({ error: JSON.parse(reply.text).error });
    }
  }
});

interface Called {
  readonly func: string;
  readonly args: unknown[];
  readonly kwargs: Record<string, unknown>;
  readonly api_key?: string | null;
}

function expectAnswered({ request, reply }: Recording): void {
  const nonce = () => reply.nonce ?? never();
  const peers = new PeerKeys(crypto, SERVER_KEYS.secretKey, 10);
  const ownKey = encodeBase64(SERVER_KEYS.publicKey);
  const own = { settings, sealing: { crypto, nonce }, peers, ownKey, maxFrameBytes: 1e6 };
  const session = new AnsweringSession(own);
  const [message = never()] = session.decode(request.body);
  if (message.kind !== "call") return never();
  if (request.plaintext && !message.settled) expectMeaning(message, JSON.parse(request.plaintext));
  expect(textOf(session.encode([answerTo(message, reply)]))).toBe(reply.text);
}

function expectMeaning(message: CallMessage, call: Called): void {
  const { func, args = [], kwargs = {}, api_key: key } = call;
  const procedure = func === "__update_shared_var__" ? "$state.put" : func;
  expect(message).toMatchObject({ procedure, args: { positional: args, named: kwargs } });
  expect(message.evidence).toEqual(key ? { scheme: "api-key", key } : { scheme: "anonymous" });
}

/** What the engine says to such a call when the application did what the recorded one did. */
function answerTo({ id, settled }: CallMessage, reply: RecordedFrame): Message {
  if (settled && "value" in settled) return { kind: "result", id, value: settled.value };
  if (settled) return { kind: "error", id, failure: settled.failure };
  if (reply.plaintext) {
    return { kind: "result", id, value: JSON.parse(reply.plaintext).result };
  }
  const { error } = JSON.parse(reply.text);
  return { kind: "error", id, failure: FAILURES[error] ?? { code: "INTERNAL", message: error } };
}

function callingSession(
  keys: KeyPair,
  request: RecordedFrame,
  apiKey: string | null | undefined,
): CallingSession {
  return new CallingSession({
    ...{ json, ids: false, push: false, replayWindow: 10, maxFrameBytes: 1e6 },
    sealing: { crypto, nonce: () => request.nonce ?? never() },
    boxKey: crypto.boxKey(SERVER_KEYS.publicKey, keys.secretKey),
    ownKey: encodeBase64(keys.publicKey),
    apiKey: apiKey ?? undefined,
  });
}

function told(answer: Message | undefined): unknown {
  if (answer?.kind === "result") return { value: answer.value };
  return answer?.kind === "error" ? { error: answer.failure.message } : answer;
}

/** What the Python client gave its caller. */
function given(outcome: Recording["outcome"], { func, args }: Called): unknown {
  if (outcome?.text) return { error: outcome.text.replace("Server-Fehler: ", "") };
  // Setting a variable gives its caller nothing, whatever the server says.
  if (func === "__update_shared_var__") return { value: true };
  const large = String(outcome?.returned).startsWith("(large");
  return { value: large ? args[0] : outcome?.returned };
}

function textOf(frames: readonly Uint8Array[]): string | undefined {
  expect(frames).toHaveLength(1);
  return frames[0] && decodeUtf8(frames[0]);
}

function never(): never {
  throw new Error("the recording has no such frame");
}
