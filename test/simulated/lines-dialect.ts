import type {
  Dialect,
  DialectDefaults,
  Session,
  Vocabulary,
} from "../../src/core/contracts/dialect.ts";
import { OrderedAnswers } from "../../src/core/engine/ordered-answers.ts";
import type { Credentials, Evidence } from "../../src/core/model/credentials.ts";
import { SealwireError } from "../../src/core/model/errors.ts";
import {
  type Arguments,
  type CallId,
  type Message,
  type MessageKind,
  NO_ARGUMENTS,
} from "../../src/core/model/message.ts";

/** What a wire of lines is like; what is not said is off. */
export interface LinesOptions
  extends Partial<
    Pick<
      Vocabulary,
      "halfClose" | "answersEvents" | "showsErrors" | "everyCallProven" | "callsBothWays"
    >
  > {
  /** @default 1 */
  readonly callsInFlight?: number;
  /** Each call says who makes it, as a token under `as`. */
  readonly proves?: boolean;
  /** There are pings on this wire. */
  readonly pings?: boolean;
  readonly defaults?: DialectDefaults;
}

/**
 * A dialect for tests: one JSON text a frame, no greeting, and no ids: answers come in the order
 * of the requests. A call is `{"call":…,"args":[…]}`, an answer `{"result":…}` or `{"error":…}`.
 */
export function lines(options: LinesOptions = {}): Dialect {
  const { callsInFlight = 1, proves = false, pings = false, defaults, ...more } = options;
  const kinds: MessageKind[] = ["call", "result", "error", "event"];
  if (pings) kinds.push("ping", "pong");
  return {
    name: "lines",
    security: {
      encrypted: false,
      clientProven: proves ? "by-each-call" : "never",
      serverProven: false,
      forwardSecret: false,
      replayProtected: false,
    },
    vocabulary: { kinds: new Set(kinds), callsInFlight, callsBothWays: false, ...more },
    ...(defaults && { defaults }),
    accept: async () => answering(more.callsBothWays),
    connect: async (_wire, { credentials }) => asking(tokenOf(credentials), callsInFlight),
  };
}

/** The session of the side that answers. */
function answering(calls = false): Session {
  const answers = new OrderedAnswers();
  let next = 1;
  return {
    get heldAnswers() {
      return answers.held;
    },
    nextCallId: () => (calls ? next++ : noCalls()),
    decode: (frame) => [requestIn(frame, () => answers.open())],
    encode(batch) {
      const frames = batch.map(format);
      return batch.flatMap((message, i) => {
        const frame = frames[i] ?? new Uint8Array(0);
        const isAnswer = message.kind === "result" || message.kind === "error";
        return isAnswer ? answers.answer(Number(message.id), frame) : [frame];
      });
    },
  };
}

/**
 * The session of the side that asks: an answer belongs to the oldest request without one. Where
 * only one may be open it is taken for that of the latest, as simple programs do.
 */
function asking(token: string | undefined, callsInFlight: number): Session {
  const asked: CallId[] = [];
  let next = 1;
  return {
    nextCallId: () => next++,
    decode: (frame) => [answerIn(frame, asked)],
    encode(batch) {
      const frames = batch.map((message) => format(message, token));
      const calls = batch.flatMap((message) => (message.kind === "call" ? [message.id] : []));
      if (callsInFlight === 1 && calls.length > 0) asked.splice(0);
      asked.push(...calls);
      return frames;
    },
  };
}

function requestIn(frame: Uint8Array, open: () => number): Message {
  const said = parse(frame);
  const other = otherIn(said);
  if (other) return other;
  const { call: procedure, args, named, as: token } = said;
  const id = open();
  if (typeof procedure !== "string") {
    const failure = { code: "INVALID_ARGUMENT", message: "a request names its call" } as const;
    return { kind: "call", id, procedure: "", args: NO_ARGUMENTS, settled: { failure } };
  }
  const evidence: Evidence | undefined =
    typeof token === "string" ? { scheme: "token", token } : undefined;
  const call: Message = { kind: "call", id, procedure, args: argumentsIn(args, named) };
  return evidence ? { ...call, evidence } : call;
}

function answerIn(frame: Uint8Array, asked: CallId[]): Message {
  const said = parse(frame);
  const other = otherIn(said);
  if (other) return other;
  const id = asked.shift();
  if (id === undefined) throw new SealwireError("PROTOCOL_VIOLATION", "an answer to no request");
  if (said["error"] === undefined) return { kind: "result", id, value: said["result"] };
  const failure = { code: "UNKNOWN", message: "", ...Object(said["error"]) } as const;
  return { kind: "error", id, failure };
}

function otherIn({ event: name, data, ping, pong }: Record<string, unknown>): Message | undefined {
  if (typeof name === "string") return { kind: "event", name, data };
  if (ping !== undefined) return { kind: "ping" };
  return pong === undefined ? undefined : { kind: "pong" };
}

function parse(frame: Uint8Array): Record<string, unknown> {
  try {
    return Object(JSON.parse(new TextDecoder().decode(frame)));
  } catch {
    return {};
  }
}

function argumentsIn(args: unknown, named: unknown): Arguments {
  return { positional: Array.isArray(args) ? args : [], named: Object(named) };
}

function format(message: Message, token?: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(wordsOf(message, token), noFunctions));
}

function wordsOf(message: Message, token: unknown): object {
  switch (message.kind) {
    case "call": {
      const { procedure, args, meta } = message;
      // Tests let one connection speak for several, as the gateways of such wires do.
      const as = meta?.["as"] ?? token;
      return { call: procedure, args: args.positional, named: args.named, as };
    }
    case "result":
      return { result: message.value };
    case "error":
      return { error: message.failure };
    case "event":
      return { event: message.name, data: message.data };
    default:
      return { [message.kind]: true };
  }
}

function noFunctions(_key: string, value: unknown): unknown {
  if (typeof value !== "function") return value;
  throw new SealwireError("INVALID_ARGUMENT", "functions do not travel");
}

function tokenOf(credentials: Credentials): string | undefined {
  return credentials.scheme === "token" ? credentials.token : undefined;
}

function noCalls(): never {
  throw new SealwireError("UNSUPPORTED", "only the side that connected calls");
}
