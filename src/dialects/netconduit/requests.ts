import { type Arguments, type CallMessage, NO_ARGUMENTS } from "../../core/model/message.ts";
import { isMap, textIn, type WireMap } from "./wire-map.ts";

/** A request as both sides read it: without a method it can only be refused. */
export interface Request {
  readonly method: string | undefined;
  readonly args: Arguments;
}

/** A call as the payload of a request. */
export function formatRequest(method: string, args: Arguments): WireMap {
  return { method, params: formatParams(args) };
}

/** The payload of a request. What is no request has no method; the original answers it as such. */
export function parseRequest(payload: unknown): Request {
  if (!isMap(payload)) return { method: undefined, args: NO_ARGUMENTS };
  return { method: textIn(payload, "method"), args: parseParams(payload["params"]) };
}

/** An event as the payload of a message. */
export function formatEvent(name: string, data: unknown): WireMap {
  return { type: name, data: data ?? null };
}

/** The payload of a message as an event. Without a type nobody listens, as in the original. */
export function parseEvent(
  payload: unknown,
): { readonly kind: "event"; readonly name: string; readonly data: unknown } | undefined {
  const name = isMap(payload) ? textIn(payload, "type") : undefined;
  if (name === undefined || !isMap(payload)) return undefined;
  return { kind: "event", name, data: payload["data"] ?? null };
}

/**
 * Positional arguments have no form of their own on this wire. One that Python takes for true and
 * that is no map travels as it is, which the original passes on as the only positional argument;
 * others get the names `_0`, `_1` …, which the original's own helper makes and its server refuses.
 */
function formatParams({ positional, named }: Arguments): unknown {
  if (positional.length === 0) return named;
  if (travelsByPosition({ positional, named })) return positional[0];
  const params: Record<string, unknown> = {};
  positional.forEach((value, at) => {
    params[`_${at}`] = value ?? null;
  });
  return Object.assign(params, named);
}

function parseParams(params: unknown): Arguments {
  if (!isMap(params)) return isTrue(params) ? { positional: [params], named: {} } : NO_ARGUMENTS;
  if (!Object.hasOwn(params, "_0")) return { positional: [], named: params };
  const named: Record<string, unknown> = { ...params };
  const positional: unknown[] = [];
  for (let name = "_0"; Object.hasOwn(named, name); name = `_${positional.length}`) {
    positional.push(named[name]);
    delete named[name];
  }
  return { positional, named };
}

/** Whether arguments have a form on the wire that every server understands. */
export function travelsByPosition({ positional, named }: Arguments): boolean {
  if (positional.length === 0) return true;
  const [only] = positional;
  if (positional.length > 1 || Object.keys(named).length > 0) return false;
  return !isMap(only) && isTrue(only);
}

/** What Python takes for true; maps aside, which are arguments by name. */
function isTrue(value: unknown): boolean {
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length > 0;
  return Number.isNaN(value) || Boolean(value);
}

/** Whether a call asks for its answer as it travels, wrapper and errors included. */
export function wantsRaw({ meta }: CallMessage): boolean {
  return meta?.[RAW] === "true";
}

/** In the metadata of a call: the result is to be the wrapper of the wire. */
const RAW = "conduit.raw";
