import type { Failure } from "../../core/model/errors.ts";
import {
  type CallMessage,
  type Message,
  type Metadata,
  NO_ARGUMENTS,
} from "../../core/model/message.ts";
import { codeFrom } from "./errors.ts";
import { Fields, malformed } from "./fields.ts";
import {
  KIND_CALL,
  KIND_CALL_WITH_MORE,
  KIND_CANCEL,
  KIND_CREDIT,
  KIND_EMPTY_RESULT,
  KIND_END,
  KIND_ERROR,
  KIND_EVENT,
  KIND_GOODBYE,
  KIND_ITEM,
  KIND_PACKED,
  KIND_PAUSE,
  KIND_PING,
  KIND_PONG,
  KIND_RESULT,
  KIND_RESUME,
} from "./kinds.ts";

/** Messages as the values of a batch. */
export function formatBatch(batch: readonly Message[]): unknown[] {
  const values: unknown[] = [];
  for (const message of batch) formatMessage(message, values);
  return values;
}

/**
 * The values of a batch as messages. `unpack` turns compressed bytes into the values they hold.
 *
 * @throws `PROTOCOL_VIOLATION` for anything that is not exactly a batch.
 */
export function parseBatch(
  values: unknown,
  unpack: ((bytes: Uint8Array) => unknown) | undefined,
): readonly Message[] {
  const fields = fieldsOf(values);
  if (unpack && fields.next === KIND_PACKED) return parseMessages(unpacked(fields, unpack));
  return parseMessages(fields);
}

/** A compressed batch stands alone in its record, so that one record unpacks once. */
function unpacked(fields: Fields, unpack: (bytes: Uint8Array) => unknown): Fields {
  fields.any();
  const bytes = fields.bytes();
  if (fields.left > 0) throw malformed("a compressed batch with something beside it");
  return fieldsOf(unpack(bytes));
}

function fieldsOf(values: unknown): Fields {
  if (Array.isArray(values)) return new Fields(values);
  throw malformed("a batch that is no array");
}

function parseMessages(fields: Fields): readonly Message[] {
  const messages: Message[] = [];
  while (fields.left > 0) messages.push(parseMessage(fields.any(), fields));
  return messages;
}

function formatMessage(message: Message, values: unknown[]): void {
  switch (message.kind) {
    case "call":
      return formatCall(message, values);
    case "result":
      if (message.value === undefined) values.push(KIND_EMPTY_RESULT, message.id);
      else values.push(KIND_RESULT, message.id, message.value);
      return;
    case "error":
      return formatError(message.id, message.failure, values);
    case "item":
      values.push(KIND_ITEM, message.id, message.value);
      return;
    case "cancel":
      values.push(KIND_CANCEL, message.id);
      return;
    case "end":
      values.push(KIND_END, message.id);
      return;
    case "credit":
      values.push(KIND_CREDIT, message.id, message.items);
      return;
    case "event":
      values.push(KIND_EVENT, message.name, message.data);
      return;
    case "goodbye":
      values.push(KIND_GOODBYE, message.reason);
      return;
    case "ping":
      values.push(KIND_PING);
      return;
    case "pong":
      values.push(KIND_PONG);
      return;
    case "pause":
      values.push(KIND_PAUSE);
      return;
    case "resume":
      values.push(KIND_RESUME);
      return;
  }
}

function formatCall(message: CallMessage, values: unknown[]): void {
  const { id, procedure, args, meta, timeoutMs, streaming } = message;
  const { positional, named } = args;
  if (named === NO_ARGUMENTS.named && !meta && timeoutMs === undefined && !streaming) {
    values.push(KIND_CALL, id, procedure, positional);
    return;
  }
  values.push(KIND_CALL_WITH_MORE, id, procedure, positional, named, meta, timeoutMs);
  values.push(streaming === true);
}

function formatError(id: unknown, { code, message, details }: Failure, values: unknown[]): void {
  values.push(KIND_ERROR, id, code, message, details);
}

function parseMessage(kind: unknown, fields: Fields): Message {
  switch (kind) {
    case KIND_CALL:
      return parseCall(fields);
    case KIND_CALL_WITH_MORE:
      return parseCallWithMore(fields);
    case KIND_RESULT:
      return { kind: "result", id: fields.count(), value: fields.any() };
    case KIND_EMPTY_RESULT:
      return { kind: "result", id: fields.count(), value: undefined };
    case KIND_ERROR:
      return { kind: "error", id: fields.count(), failure: parseFailure(fields) };
    case KIND_CANCEL:
      return { kind: "cancel", id: fields.count() };
    case KIND_ITEM:
      return { kind: "item", id: fields.count(), value: fields.any() };
    case KIND_END:
      return { kind: "end", id: fields.count() };
    case KIND_CREDIT:
      return { kind: "credit", id: fields.count(), items: fields.count() };
    case KIND_EVENT:
      return { kind: "event", name: fields.text(), data: fields.any() };
    case KIND_PING:
      return PING;
    case KIND_PONG:
      return PONG;
    case KIND_PAUSE:
      return PAUSE;
    case KIND_RESUME:
      return RESUME;
    case KIND_GOODBYE:
      return parseGoodbye(fields);
    case KIND_PACKED:
      throw malformed("a compressed batch out of place");
    default:
      throw malformed("an unknown kind of message");
  }
}

function parseCall(fields: Fields): CallMessage {
  const id = fields.count();
  const procedure = fields.text();
  const positional = fields.list();
  return { kind: "call", id, procedure, args: { positional, named: NO_ARGUMENTS.named } };
}

function parseCallWithMore(fields: Fields): CallMessage {
  const { id, procedure, args } = parseCall(fields);
  const named = fields.record() ?? NO_ARGUMENTS.named;
  const meta = parseMetadata(fields.record());
  const timeoutMs = fields.optionalCount();
  const streaming = fields.flag();
  return {
    kind: "call",
    id,
    procedure,
    args: { positional: args.positional, named },
    ...(meta && { meta }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(streaming && { streaming }),
  };
}

function parseMetadata(
  record: Readonly<Record<string, unknown>> | undefined,
): Metadata | undefined {
  if (!record) return undefined;
  const meta: Record<string, string> = {};
  for (const [name, value] of Object.entries(record)) {
    if (typeof value !== "string") throw malformed("metadata that is not text");
    meta[name] = value;
  }
  return meta;
}

function parseFailure(fields: Fields): Failure {
  const code = codeFrom(fields.text());
  const message = fields.text();
  const details = fields.any();
  return details === null ? { code, message } : { code, message, details };
}

function parseGoodbye(fields: Fields): Message {
  const reason = fields.optionalText();
  return reason === undefined ? { kind: "goodbye" } : { kind: "goodbye", reason };
}

/** Messages without fields are shared: a record of a million of them is to cost little. */
const PING: Message = Object.freeze({ kind: "ping" });
const PONG: Message = Object.freeze({ kind: "pong" });
const PAUSE: Message = Object.freeze({ kind: "pause" });
const RESUME: Message = Object.freeze({ kind: "resume" });
