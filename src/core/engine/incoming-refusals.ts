import { type Failure, SealwireError } from "../model/errors.ts";
import type { CallId } from "../model/message.ts";

/** The id of an open call was used again. */
export function doubled(id: CallId): SealwireError {
  return new SealwireError("PROTOCOL_VIOLATION", `the id ${id} names two open calls`);
}

/** Nobody registered it. */
export function unknown(procedure: string): Failure {
  const name = procedure.length > 100 ? `${procedure.slice(0, 100)}…` : procedure;
  const message = `there is no procedure named ${JSON.stringify(name)}`;
  return { code: "NOT_FOUND", message, type: "UnknownProcedure" };
}

/** One peer has too many calls open. */
export function tooMany(limit: number): Failure {
  return { code: "RATE_LIMITED", message: `more than ${limit} calls of one peer are open` };
}

/** The handler streams and the wire cannot. */
export function noStreams(procedure: string): Failure {
  return { code: "UNSUPPORTED", message: `${procedure} streams; this wire has no streams` };
}

/** Its time is up. */
export function late(procedure: string): SealwireError {
  return new SealwireError("DEADLINE_EXCEEDED", `${procedure} did not end in time`);
}
