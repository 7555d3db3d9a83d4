import type { PythonJson } from "../../codecs/python-json.ts";
import { isFields } from "../../core/engine/fields.ts";
import { type Failure, SealwireError } from "../../core/model/errors.ts";
import { failureFrom } from "./errors.ts";

/** One frame of a server. */
export interface Response {
  /** Absent when the server could not read to whom it answers. */
  readonly id: unknown;
  readonly result: unknown;
  readonly error: unknown;
}

/** How a call ended. */
export type Answer = { readonly value: unknown } | { readonly failure: Failure };

/**
 * Gives a frame its meaning.
 *
 * @throws `PROTOCOL_VIOLATION` for what is no JSON object, `TOO_LARGE` beyond a limit
 */
export function parseResponse(frame: Uint8Array, json: PythonJson): Response {
  const value = json.parse(frame);
  if (!isFields(value)) {
    throw new SealwireError(
      "PROTOCOL_VIOLATION",
      "the server sent JSON that is no object; a response has id, result and error",
    );
  }
  const { id, result = null, error } = value;
  return { id: id ?? undefined, result, error };
}

/** What Python takes for true is an error, what it takes for false is none: also an empty text. */
export function answerFrom({ result, error }: Response): Answer {
  if (!isTrue(error)) return { value: result };
  if (typeof error === "string") return { failure: failureFrom(error) };
  const message = "the server answered with an error that is no text";
  return { failure: { code: "UNKNOWN", message, details: error } };
}

function isTrue(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}
