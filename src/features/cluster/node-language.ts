import { msgpackCodec } from "../../codecs/msgpack.ts";
import type { Dialect, Session } from "../../core/contracts/dialect.ts";
import { fieldsOf } from "../../core/engine/fields.ts";
import { ERROR_CODES, type Failure, SealwireError } from "../../core/model/errors.ts";
import type { CallId, CallMessage, Message, MessageKind } from "../../core/model/message.ts";

const KINDS: readonly MessageKind[] = [
  ...(["call", "result", "error", "cancel", "item", "end", "credit", "goodbye"] as const),
];

/**
 * What nodes speak on a way for calls: batches of messages in msgpack. The engine of the cluster
 * seals what it carries, so nothing is sealed or proven here.
 */
export const NODE_LANGUAGE: Dialect = Object.freeze<Dialect>({
  name: "node",
  security: {
    encrypted: false,
    clientProven: "never",
    serverProven: false,
    forwardSecret: false,
    replayProtected: false,
  },
  vocabulary: {
    kinds: new Set(KINDS),
    callsInFlight: Number.POSITIVE_INFINITY,
    callsBothWays: true,
  },
  accept: async () => nodeSession(2),
  connect: async () => nodeSession(1),
});

/** Odd ids for the node that has opened the way, even ones for the other. */
export function nodeSession(first: 1 | 2): Session {
  const codec = msgpackCodec();
  let next = first - 2;
  return {
    nextCallId() {
      next += 2;
      return next;
    },
    encode: (batch) => (batch.length === 0 ? [] : [codec.encode(batch)]),
    decode(frame) {
      const values = codec.decode(frame);
      if (!Array.isArray(values)) throw malformed();
      return values.map(readMessage);
    },
  };
}

function readMessage(value: unknown): Message {
  const fields = fieldsOf(value);
  const { kind, id } = fields;
  if (kind === "goodbye") return { kind };
  if (!isId(id)) throw malformed();
  switch (kind) {
    case "call":
      return callFrom(id, fields);
    case "result":
    case "item":
      return { kind, id, value: fields["value"] ?? undefined };
    case "error":
      return { kind, id, failure: failureFrom(fields["failure"]) };
    case "cancel":
    case "end":
      return { kind, id };
    case "credit":
      return { kind, id, items: countFrom(fields["items"]) };
    default:
      throw malformed();
  }
}

function callFrom(id: CallId, fields: Readonly<Record<string, unknown>>): CallMessage {
  const { procedure, args, streaming, meta, timeoutMs } = fields;
  const { positional, named } = fieldsOf(args);
  if (typeof procedure !== "string" || !Array.isArray(positional)) throw malformed();
  const texts = Object.entries(fieldsOf(meta)).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return {
    ...{ kind: "call", id, procedure },
    args: { positional, named: fieldsOf(named) },
    meta: Object.fromEntries(texts),
    ...(streaming === true && { streaming }),
    ...(typeof timeoutMs === "number" && timeoutMs >= 0 && { timeoutMs }),
  };
}

function failureFrom(value: unknown): Failure {
  const { code, message, details, type } = fieldsOf(value);
  return {
    code: ERROR_CODES.find((known) => known === code) ?? "UNKNOWN",
    message: String(message),
    ...(details !== undefined && { details }),
    ...(typeof type === "string" && { type }),
  };
}

function countFrom(value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
  throw malformed();
}

function isId(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value);
}

function malformed(): SealwireError {
  return new SealwireError("PROTOCOL_VIOLATION", "another node said what no node says");
}
