import { SealwireError } from "../../core/model/errors.ts";
import type { BrokerConfig } from "./options.ts";

/** Nobody was free for it. */
export function nobodyTook(procedure: string, workers: number): SealwireError {
  const why = workers === 0 ? "no worker serves it now" : `all ${workers} workers are busy`;
  return new SealwireError("UNAVAILABLE", `${procedure} waited for a worker too long: ${why}`);
}

/** Whether the work was done is not known. */
export function workerLost(procedure: string, attempts: number): SealwireError {
  const message =
    attempts > 1
      ? `${attempts} workers were lost while they ran ${procedure}`
      : `the worker that ran ${procedure} was lost; whether it has done its work is not known`;
  return new SealwireError("UNAVAILABLE", message, { details: { attempts } });
}

/** Tells a worker whose channel is lost why its session does not wait for it. */
export function workerAway(): SealwireError {
  const message = "the channel to this worker was lost; it may offer anew when it is back";
  return new SealwireError("UNAVAILABLE", message);
}

/** The broker ends. */
export function closing(): SealwireError {
  return new SealwireError("UNAVAILABLE", "the broker is shutting down; try another or later");
}

/** Too many calls. */
export function tooManyWaiting({ maxQueue }: BrokerConfig): SealwireError {
  return new SealwireError("RATE_LIMITED", `${maxQueue} calls wait for a worker; try again later`);
}

/** Too many workers. */
export function tooManyWorkers({ maxWorkers }: BrokerConfig): SealwireError {
  return new SealwireError("RATE_LIMITED", `there are ${maxWorkers} workers, no more are taken`);
}

/** Too many names. */
export function tooManyProcedures({ maxProcedures }: BrokerConfig): SealwireError {
  const message = `${maxProcedures} procedures have been offered, no more names are taken`;
  return new SealwireError("RATE_LIMITED", message);
}

/** The name belongs to the broker itself. */
export function nameTaken(name: string): SealwireError {
  return new SealwireError("ALREADY_EXISTS", `the broker has a procedure named ${name} itself`);
}

/** Two workers say different things of who may call the same. */
export function otherAccess(name: string): SealwireError {
  return new SealwireError(
    "CONFLICT",
    `${name} was offered before with another public or scopes; workers must agree on who may ` +
      "call it, and a change needs a new start of the broker",
  );
}
