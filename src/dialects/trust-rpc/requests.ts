import { decodeUtf8 } from "../../bytes/text.ts";
import type { PythonJson } from "../../codecs/python-json.ts";
import { pythonTypeName } from "../../codecs/python-type-name.ts";
import { type Fields, isFields } from "../../core/engine/fields.ts";
import { type Failure, SealwireError } from "../../core/model/errors.ts";
import type { Arguments } from "../../core/model/message.ts";

/** What a frame of a client asks for. Ids are the text of the JSON value that comes back. */
export type Request =
  | {
      readonly kind: "call";
      readonly id: string;
      readonly procedure: string;
      readonly args: Arguments;
    }
  | { readonly kind: "line"; readonly procedure: string; readonly args: Arguments }
  | { readonly kind: "refused"; readonly id: string; readonly failure: Failure };

/** The id of answers to what named none. */
export const NO_ID = "null";

/**
 * Gives a frame its meaning. Nothing is thrown: what is wrong with it is its answer, in the very
 * words of the Python program. With `chat`, what is no JSON object is a line.
 */
export function parseRequest(frame: Uint8Array, json: PythonJson, chat?: string): Request {
  let value: unknown;
  try {
    value = json.parse(frame);
  } catch (thrown) {
    const failure = unreadable(thrown);
    const line = failure.type === "JSONDecodeError" ? lineFrom(frame, chat) : undefined;
    return line ?? { kind: "refused", id: NO_ID, failure };
  }
  if (!isFields(value)) return lineFrom(frame, chat) ?? refused(NO_ID, noGet(value));
  const id = idFrom(value, json);
  if (id === undefined) return refused(NO_ID, longId());
  return requestFrom(id, value);
}

/** Text as the original would write it in a frame. */
const MAX_ID_LENGTH = 1_024;

function idFrom({ id = null }: Fields, json: PythonJson): string | undefined {
  if (typeof id === "string" && id.length > MAX_ID_LENGTH) return undefined;
  const text = writable(id, json);
  return text.length > MAX_ID_LENGTH ? undefined : text;
}

/** `NaN` can be read but is never written, also as an id. */
function writable(id: unknown, json: PythonJson): string {
  try {
    return json.format(id);
  } catch {
    return NO_ID;
  }
}

/** In the order in which the original looks at a request. */
function requestFrom(id: string, request: Fields): Request {
  if (!("method" in request)) return refused(id, because("KeyError", "'method'"));
  const { method, params = {} } = request;
  if (!isFields(params)) return refused(id, noGet(params));
  const { args = [], kwargs = {} } = params;
  if (typeof method === "object" && method !== null) return refused(id, unhashable(method));
  if (typeof method !== "string") return refused(id, notFound(method));
  const positional = spread(args);
  if (!positional) return refused(id, unfit(method, `* must be an iterable, not ${nameOf(args)}`));
  if (!isFields(kwargs)) {
    return refused(id, unfit(method, `** must be a mapping, not ${nameOf(kwargs)}`));
  }
  return { kind: "call", id, procedure: method, args: { positional, named: kwargs } };
}

/** What Python's `*` makes of a value: a text falls into its characters, an object into its keys. */
function spread(args: unknown): readonly unknown[] | undefined {
  if (Array.isArray(args)) return args;
  if (typeof args === "string") return [...args];
  return isFields(args) ? Object.keys(args) : undefined;
}

function lineFrom(frame: Uint8Array, chat: string | undefined): Request | undefined {
  const line = chat === undefined ? undefined : decodeUtf8(frame);
  if (chat === undefined || line === undefined) return undefined;
  return { kind: "line", procedure: chat, args: { positional: [line], named: {} } };
}

function refused(id: string, failure: Failure): Request {
  return { kind: "refused", id, failure };
}

function unreadable(thrown: unknown): Failure {
  const { code, message, details } = SealwireError.from(thrown);
  const type = isFields(details) ? details["python"] : undefined;
  return typeof type === "string" ? { code, message, type } : { code, message };
}

function because(type: string, message: string): Failure {
  return { code: "INVALID_ARGUMENT", message, type };
}

function noGet(value: unknown): Failure {
  return because("AttributeError", `'${nameOf(value)}' object has no attribute 'get'`);
}

function unhashable(method: object): Failure {
  return because("TypeError", `unhashable type: '${nameOf(method)}'`);
}

function notFound(method: unknown): Failure {
  return because("NameError", `Method '${inPython(method)}' not found.`);
}

function unfit(method: string, what: string): Failure {
  return because("TypeError", `${method.slice(0, 200)}() argument after ${what}`);
}

function longId(): Failure {
  return because("ValueError", `the id has more than ${MAX_ID_LENGTH} characters; send a UUID`);
}

/** What is no text as `str()` shows it. */
function inPython(value: unknown): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  return String(value);
}

const nameOf = pythonTypeName;
