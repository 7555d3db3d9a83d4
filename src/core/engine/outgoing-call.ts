import { SealwireError } from "../model/errors.ts";
import type { Arguments, CallId } from "../model/message.ts";
import type { CallOptions } from "./call-options.ts";
import type { ItemPump } from "./item-pump.ts";
import type { ItemQueue } from "./streams.ts";

/** A call we made, until it settles. */
export interface OutgoingCall {
  id?: CallId;
  readonly procedure: string;
  readonly args: Arguments;
  readonly options: CallOptions;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: SealwireError) => void;
  deadline: number;
  items?: ItemQueue;
  pump?: ItemPump;
  unlisten?: () => void;
}

/** Its caller took it back. */
export function cancelled(signal: AbortSignal): SealwireError {
  if (signal.reason instanceof SealwireError) return signal.reason;
  return new SealwireError("CANCELLED", "the caller cancelled the call", { cause: signal.reason });
}

/** Its caller left the loop over its items. */
export function abandoned(): SealwireError {
  return new SealwireError("CANCELLED", "nobody takes the items of the stream any more");
}

/** Its time is up. */
export function late(procedure: string): SealwireError {
  return new SealwireError("DEADLINE_EXCEEDED", `${procedure} did not answer in time`);
}

/** There are too many others. */
export function tooMany(open: number): SealwireError {
  return new SealwireError("RATE_LIMITED", `${open} calls are open or waiting; wait for some`);
}

/** Where answers carry no id, a late one would be taken for the answer to the next call. */
export function outOfStep(): SealwireError {
  return new SealwireError("UNAVAILABLE", "a call was given up whose answer may still come");
}

/** The connection ended while the call waited for its turn: it may be sent on the next one. */
export function unsent(cause: SealwireError): SealwireError {
  return new SealwireError(cause.code, cause.message, { cause, type: UNSENT });
}

/** The `type` of an error that says so. */
export const UNSENT = "Unsent";
