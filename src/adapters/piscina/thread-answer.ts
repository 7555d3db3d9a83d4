import type { Failure } from "../../core/model/errors.ts";
import { SealwireError } from "../../core/model/errors.ts";

/** What a thread is asked to do. */
export interface ThreadTask {
  /** URL of the file. */
  readonly module: string;
  readonly handler: string;
  readonly input: readonly unknown[];
}

/** How it ended, as it crosses from one thread to another. */
export type ThreadAnswer =
  | { readonly value: unknown }
  | { readonly failure: Failure }
  | { readonly error: PlainError };

/** An error without its class, which stays in its thread. */
export interface PlainError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
}

/** The value of an answer. @throws what the handler has thrown */
export function answerValue(answer: ThreadAnswer): unknown {
  if ("value" in answer) return answer.value;
  if ("failure" in answer) throw SealwireError.fromFailure(answer.failure);
  throw foreign(answer.error);
}

/** With the name of its class and the stack of its thread, for the log. */
function foreign({ name, message, stack }: PlainError): Error {
  const error = new Error(message);
  Object.defineProperty(error, "name", { value: name, configurable: true });
  Object.defineProperty(error, "stack", { value: stack, configurable: true });
  return error;
}
