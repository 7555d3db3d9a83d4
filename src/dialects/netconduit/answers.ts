import { OpaqueExtension } from "../../codecs/plain-msgpack.ts";
import type { Failure } from "../../core/model/errors.ts";
import { failureOfWrapper, type WireError } from "./errors.ts";
import { FRAME_TYPES } from "./frame.ts";
import { isMap, type WireMap } from "./wire-map.ts";

/** What came back: a value, or why there is none. */
export type Outcome = { readonly value: unknown } | { readonly failure: Failure };

/** What stands around every answer; `success` is true for errors too. */
export function formatAnswer(wrapper: unknown): WireMap {
  return { success: true, result: wrapper };
}

/**
 * A result in the inner wrapper. A map with the key `success` is one already, as the response and
 * error helpers make it, and as the original has it also where nobody meant to.
 */
export function wrapResult(value: unknown): unknown {
  const plain = fieldsOf(value);
  if (isMap(plain) && Object.hasOwn(plain, "success")) return plain;
  return { success: true, data: plain ?? null };
}

/** A failure in the inner wrapper. */
export function wrapError(error: WireError): WireMap {
  return { success: false, ...error };
}

/**
 * What an answer says to the caller, as the original client would take it, but that an inner
 * failure is one too and the data comes without its wrapper.
 */
export function parseAnswer(type: number, payload: unknown): Outcome {
  if (failed(type, payload)) return { failure: failureOfWrapper(payload) };
  const inner = unwrapOuter(payload);
  if (!inner.wrapped || !isMap(inner.value)) return { value: inner.value };
  const wrapper = inner.value;
  if (wrapper["success"] === false) return { failure: failureOfWrapper(wrapper) };
  const opens = wrapper["success"] === true && Object.hasOwn(wrapper, "data");
  return { value: opens ? wrapper["data"] : wrapper };
}

/** The inner wrapper as it travelled, errors included. */
export function parseRawAnswer(type: number, payload: unknown): Outcome {
  return { value: failed(type, payload) ? payload : unwrapOuter(payload).value };
}

function failed(type: number, payload: unknown): boolean {
  return type === FRAME_TYPES.rpcError || (isMap(payload) && payload["success"] === false);
}

/** `data` counts before `result`; behind it there is no inner wrapper. */
function unwrapOuter(payload: unknown): { readonly value: unknown; readonly wrapped: boolean } {
  if (payload === undefined) return { value: null, wrapped: false };
  if (!isMap(payload)) return { value: payload, wrapped: false };
  if (Object.hasOwn(payload, "data")) return { value: payload["data"], wrapped: false };
  if (Object.hasOwn(payload, "result")) return { value: payload["result"], wrapped: true };
  return { value: payload, wrapped: false };
}

/** The fields of an object with a class of the application: the original sends those of models. */
function fieldsOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value) || isMap(value)) {
    return value;
  }
  const refused = ArrayBuffer.isView(value) || BUILT_IN.some((type) => value instanceof type);
  return refused || value instanceof OpaqueExtension ? value : { ...value };
}

/** They have no fields that would tell what they are, so they are refused and not emptied. */
const BUILT_IN = [Date, Map, Set, WeakMap, WeakSet, Error, RegExp, Promise, ArrayBuffer];
