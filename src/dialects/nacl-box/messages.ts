import { encodeUtf8 } from "../../bytes/text.ts";
import type { PythonJson } from "../../codecs/python-json.ts";
import { pythonTypeName } from "../../codecs/python-type-name.ts";
import { isFields } from "../../core/engine/fields.ts";
import type { Evidence } from "../../core/model/credentials.ts";
import type { Failure } from "../../core/model/errors.ts";
import type { Arguments } from "../../core/model/message.ts";
import { KEY_BYTES } from "../../crypto/provider.ts";
import { readBase64 } from "./base64.ts";
import { codeNamed, failureFrom, malformed } from "./errors.ts";

/** What a client sends, before its box is opened. */
export type Request =
  | {
      readonly type: "HELLO";
      readonly clientKey: Uint8Array;
      readonly push: boolean;
      readonly ids: boolean;
    }
  | {
      readonly type: "RPC" | "PUSH";
      readonly clientKey: Uint8Array;
      /** As it stands in the JSON: read only when the key has been judged, as the original does. */
      readonly cipher: unknown;
    };

/** @throws `PROTOCOL_VIOLATION` or `TOO_LARGE`, in Python's words where it has some */
export function parseRequest(frame: Uint8Array, json: PythonJson): Request {
  if (frame.length === 0) throw malformed(EMPTY);
  const fields = fieldsOf(json.parse(frame), "get");
  const type = fields["type"];
  if (type !== "HELLO") {
    // The original takes every other type, and none, for RPC.
    const cipher = required(fields, "cipher");
    const clientKey = keyFrom(required(fields, "client_pubkey"));
    return { type: type === "PUSH" ? "PUSH" : "RPC", clientKey, cipher };
  }
  const clientKey = keyFrom(required(fields, "client_pubkey"));
  return { type, clientKey, push: fields["push"] === true, ids: fields["ids"] === true };
}

/**
 * How Python answers an empty text, and what its writer should know: transports hand over an empty
 * frame in the place of what is none of this wire.
 */
const EMPTY =
  "Expecting value: line 1 column 1 (char 0); a request is one JSON text: " +
  "a TEXT frame of WebSocket, or the two ZeroMQ parts (empty, text)";

/** A call, as its box holds it. */
export interface SealedCall {
  readonly func: string;
  readonly args: Arguments;
  readonly evidence: Evidence;
  /** Present when the caller ties replies to requests. */
  readonly id: number | undefined;
}

/** @throws `PROTOCOL_VIOLATION` in Python's words */
export function parseCall(plain: Uint8Array, json: PythonJson): SealedCall {
  const fields = fieldsOf(json.parse(plain), "item");
  const func = nameFrom(required(fields, "func"), json);
  const positional = positionalFrom(func, fields["args"]);
  const args = { positional, named: namedFrom(func, fields["kwargs"]) };
  return { func, args, evidence: evidenceFrom(fields["api_key"]), id: idFrom(fields["id"]) };
}

/** Who asks for events, as the box of a PUSH holds it. @throws as `parseCall` */
export function parsePush(plain: Uint8Array, json: PythonJson): Evidence {
  return evidenceFrom(fieldsOf(json.parse(plain), "item")["api_key"]);
}

/** What a server's sealed frame says. */
export type Reply =
  | { readonly kind: "result"; readonly id: number | undefined; readonly value: unknown }
  | { readonly kind: "error"; readonly id: number | undefined; readonly failure: Failure }
  | { readonly kind: "event"; readonly name: string; readonly data: unknown };

/** @throws `PROTOCOL_VIOLATION` for what is no reply */
export function parseReply(plain: Uint8Array, json: PythonJson): Reply {
  const fields = recordOf(json.parse(plain));
  const id = idFrom(fields?.["id"]);
  if (fields?.["status"] === "ok") return { kind: "result", id, value: fields["result"] };
  if (fields?.["status"] === "error") return { kind: "error", id, failure: failureIn(fields) };
  const event = fields && eventIn(fields);
  if (event) return event;
  throw malformed("the server sealed something that is neither a result nor an error");
}

/**
 * The only thing that is believed without a seal: that something went wrong.
 *
 * @throws `PROTOCOL_VIOLATION` for everything else, a result above all
 */
export function parsePlainError(frame: Uint8Array, json: PythonJson): string {
  const fields = recordOf(json.parse(frame));
  if (fields?.["status"] === "error") return errorIn(fields);
  throw malformed(
    "a reply that is no error came unsealed: the original believes it, but anybody on the way " +
      "can write one",
  );
}

/** What a server shows of itself. */
export interface Acknowledged {
  readonly serverKey: Uint8Array;
  readonly push: boolean;
  readonly ids: boolean;
}

/** The server's key, or why it refuses. @throws `PROTOCOL_VIOLATION` */
export function parseAcknowledgement(frame: Uint8Array, json: PythonJson): Acknowledged {
  const fields = recordOf(json.parse(frame));
  if (fields?.["type"] === "HELLO_ACK") {
    const serverKey = keyFrom(fields["server_pubkey"]);
    return { serverKey, push: fields["push"] === true, ids: fields["ids"] === true };
  }
  const why = fields?.["status"] === "error" ? errorIn(fields) : "its answer is no HELLO_ACK";
  throw malformed(`the server does not greet: ${why}`);
}

/** What a client says first. */
export function helloText(clientKey: string, asks: { push: boolean; ids: boolean }): string {
  const extra = `${asks.push ? ', "push": true' : ""}${asks.ids ? ', "ids": true' : ""}`;
  return `{"type": "HELLO", "client_pubkey": "${clientKey}"${extra}}`;
}

/** What a server answers it. */
export function acknowledgementText(
  serverKey: string,
  grants: { readonly push: boolean; readonly ids: boolean },
): string {
  const extra = `${grants.push ? ', "push": true' : ""}${grants.ids ? ', "ids": true' : ""}`;
  return `{"type": "HELLO_ACK", "server_pubkey": "${serverKey}"${extra}}`;
}

function fieldsOf(value: unknown, use: "get" | "item"): Readonly<Record<string, unknown>> {
  const fields = recordOf(value);
  if (fields) return fields;
  const type = pythonTypeName(value);
  if (use === "get") throw malformed(`'${type}' object has no attribute 'get'`);
  if (type === "list") throw malformed("list indices must be integers or slices, not str");
  if (type === "str") throw malformed("string indices must be integers, not 'str'");
  throw malformed(`'${type}' object is not subscriptable`);
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return isFields(value) ? value : undefined;
}

function required(fields: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(fields, name)) return fields[name];
  // The text of Python's KeyError.
  throw malformed(`'${name}'`);
}

function keyFrom(value: unknown): Uint8Array {
  const key = readBase64(value);
  if (key.length === KEY_BYTES) return key;
  throw malformed(`The public key must be exactly ${KEY_BYTES} bytes long`);
}

function nameFrom(func: unknown, json: PythonJson): string {
  if (typeof func === "string") return func;
  if (typeof func === "object" && func !== null) {
    throw malformed(`unhashable type: '${pythonTypeName(func)}'`);
  }
  // Python looks such a name up and does not find it; neither do we.
  return json.format(func);
}

/** Python's `*args`: a text is taken as its characters, an object as its names. */
function positionalFrom(func: string, args: unknown): readonly unknown[] {
  if (args === undefined) return [];
  if (Array.isArray(args)) return args;
  if (typeof args === "string") return [...args];
  const fields = recordOf(args);
  if (fields) return Object.keys(fields);
  throw malformed(`${func}() argument after * must be an iterable, not ${pythonTypeName(args)}`);
}

function namedFrom(func: string, kwargs: unknown): Readonly<Record<string, unknown>> {
  if (kwargs === undefined) return {};
  const fields = recordOf(kwargs);
  if (fields) return fields;
  throw malformed(`${func}() argument after ** must be a mapping, not ${pythonTypeName(kwargs)}`);
}

/** Whatever is not text can be nobody's key; public functions are called all the same. */
function evidenceFrom(key: unknown): Evidence {
  return typeof key === "string" ? { scheme: "api-key", key } : { scheme: "anonymous" };
}

function idFrom(id: unknown): number | undefined {
  return typeof id === "number" && Number.isSafeInteger(id) && id >= 0 ? id : undefined;
}

function errorIn(fields: Readonly<Record<string, unknown>>): string {
  const { error } = fields;
  return typeof error === "string" ? error : "the server gave no reason";
}

function failureIn(fields: Readonly<Record<string, unknown>>): Failure {
  const { code, details } = fields;
  const text = errorIn(fields);
  if (code === undefined) return failureFrom(text, true);
  return { code: codeNamed(code), message: text, ...(details !== undefined && { details }) };
}

function eventIn(fields: Readonly<Record<string, unknown>>): Reply | undefined {
  const { type, name, value, data } = fields;
  if (typeof name !== "string") return undefined;
  if (type === "SHARED_UPDATE") {
    // Without a value the variable is there no more.
    const change = value === undefined ? { name } : { name, value };
    return { kind: "event", name: STATE_EVENT, data: change };
  }
  return type === "EVENT" ? { kind: "event", name, data } : undefined;
}

/** The event by which servers tell that a shared variable has changed. */
export const STATE_EVENT = "$state";

/** The text of an event, in the form its receiver reads. */
export function eventText(name: string, data: unknown, json: PythonJson): Uint8Array {
  const change = name === STATE_EVENT ? recordOf(data) : undefined;
  const fields = change
    ? { type: "SHARED_UPDATE", name: change["name"], value: change["value"] }
    : { type: "EVENT", name, data: data ?? null };
  return encodeUtf8(json.format(fields));
}
