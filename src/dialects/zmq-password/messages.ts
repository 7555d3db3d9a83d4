import type { PythonJson } from "../../codecs/python-json.ts";
import { type Fields, isFields } from "../../core/engine/fields.ts";
import { type Failure, SealwireError } from "../../core/model/errors.ts";
import { type Arguments, NO_ARGUMENTS } from "../../core/model/message.ts";
import {
  type Asked,
  codeOf,
  MISSING_FUNC,
  noIterable,
  noMapping,
  notAnObject,
  unhashable,
  unknownFunction,
} from "./errors.ts";

/** A request, as far as it is one. */
export interface Request {
  /** `""` where it brought none: no server has that. */
  readonly password: string;
  readonly args: Arguments;
  /** `MALFORMED` is asked where the fault is only told to who knows the password. */
  readonly asked: Asked;
}

/** A name that no server can register: names that begin with `$` are Sealwire's own. */
export const MALFORMED = "$malformed";

/**
 * A request as it came. The original looks at the password before anything else in it, so what is
 * wrong with the rest is kept until the password has been judged.
 *
 * @throws `PROTOCOL_VIOLATION` with the original's words for what is no object of JSON.
 */
export function parseRequest(json: PythonJson, frame: Uint8Array): Request {
  const body = json.parse(frame);
  if (!isFields(body)) throw new SealwireError("PROTOCOL_VIOLATION", notAnObject(body));
  const password = typeof body["password"] === "string" ? body["password"] : "";
  const fault = faultOf(body);
  if (fault !== undefined) {
    return { password, args: NO_ARGUMENTS, asked: { func: MALFORMED, unknown: fault } };
  }
  const func = String(body["func"]);
  return { password, args: argumentsOf(body), asked: { func, unknown: unknownFunction(func) } };
}

/** What is wrong with a request beside its password, if anything. */
function faultOf(body: Fields): string | undefined {
  const { func, args, kwargs } = body;
  if (func === undefined) return MISSING_FUNC;
  if (typeof func === "object" && func !== null) return unhashable(func);
  if (typeof func !== "string") return unknownFunction(pythonText(func));
  if (!isIterable(args)) return noIterable(func, args);
  return kwargs === undefined || isFields(kwargs) ? undefined : noMapping(func, kwargs);
}

/** As Python's `str` writes what is no text, no list and no object. */
function pythonText(value: unknown): string {
  if (value === null) return "None";
  if (typeof value !== "boolean") return String(value);
  return value ? "True" : "False";
}

function argumentsOf({ args, kwargs }: Fields): Arguments {
  const positional = args === undefined ? NO_ARGUMENTS.positional : itemsOf(args);
  // The one object for "none" is what handlers without named arguments are told by.
  const named = isFields(kwargs) && hasKeys(kwargs) ? kwargs : NO_ARGUMENTS.named;
  return { positional, named };
}

/** Python calls with the characters of a text and the keys of an object. */
function itemsOf(args: unknown): readonly unknown[] {
  if (Array.isArray(args)) return args;
  return typeof args === "string" ? [...args] : Object.keys(Object(args));
}

function isIterable(args: unknown): boolean {
  return ["undefined", "string", "object"].includes(typeof args) && args !== null;
}

/** The text of a request, in the order and with the spaces of the original client. */
export function formatRequest(
  json: PythonJson,
  password: string,
  func: string,
  { positional, named }: Arguments,
): string {
  return json.format({ password, func, args: positional, kwargs: named });
}

/** The text of a result. */
export function formatResult(json: PythonJson, result: unknown): string {
  // Without it the original client raises a KeyError.
  return json.format({ status: "ok", result: result === undefined ? null : result });
}

/** The text of a failure; `error` must be there and a text, or the original client breaks. */
export function formatFailure(json: PythonJson, error: string): string {
  return json.format({ status: "error", error });
}

/** What a server answered. */
export type Reply = { readonly value: unknown } | { readonly failure: Failure };

/** An answer to a call of `func`. Whatever is wrong with it is the failure of that call alone. */
export function parseReply(json: PythonJson, frame: Uint8Array, func: string): Reply {
  let body: unknown;
  try {
    body = json.parse(frame);
  } catch (thrown) {
    return { failure: SealwireError.from(thrown, "PROTOCOL_VIOLATION").toFailure() };
  }
  if (!isFields(body)) return malformed("is no object");
  const { status, result, error } = body;
  if (status === "ok") return result === undefined ? malformed("has no result") : { value: result };
  if (typeof error !== "string") return malformed("has neither the status ok nor an error");
  return { failure: { code: codeOf(error, func), message: error } };
}

function malformed(fault: string): Reply {
  const message = `the server's answer ${fault}; is it a server of this wire?`;
  return { failure: { code: "PROTOCOL_VIOLATION", message } };
}

function hasKeys(fields: Fields): boolean {
  for (const _ in fields) return true;
  return false;
}
