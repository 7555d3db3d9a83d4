import type { Executor, TaskTarget } from "../contracts/executor.ts";
import type { ProcedureOptions } from "../contracts/feature.ts";
import { SealwireError } from "../model/errors.ts";
import type { Exposed, Procedures, RegisterProcedure } from "./procedures.ts";
import { taskHandler } from "./task-handler.ts";

/** Options of a procedure whose handler runs in a thread. */
export interface WorkerOptions extends ProcedureOptions {
  /** Where its handler is found: no closure can cross into a thread. */
  readonly worker: TaskTarget;
}

/** Registers one procedure, with a handler here or, by `worker`, in a thread. */
export interface RegisterAnywhere extends RegisterProcedure {
  /**
   * The function named by `worker` gets the declared parameters and a `TaskCall`; without `params`
   * the arguments as `expose` hands them over. A caller that gives up ends it.
   */
  <
    Name extends string,
    Run extends (...args: never[]) => unknown = (...args: readonly unknown[]) => unknown,
  >(
    name: Name,
    options: WorkerOptions,
  ): Exposed<Record<Name, Run>>;
}

/** `procedure` of those who have an executor: what names a worker goes to the executor. */
export function registering(
  procedures: Pick<Procedures, "procedure">,
  executor: Executor | undefined,
): RegisterAnywhere {
  // What is wrong with the rest is for `procedure` itself to say.
  const register = (...given: readonly unknown[]): Exposed<never> =>
    Reflect.apply(procedures.procedure, undefined, given);
  return (name: string, given: unknown, handler?: unknown): Exposed<never> => {
    if (!hasWorker(given)) return register(name, given, handler);
    if (handler !== undefined) throw twoHandlers(name);
    const { worker, ...options } = given;
    return register(name, options, taskHandler(executor, worker, options));
  };
}

function hasWorker(given: unknown): given is WorkerOptions {
  return typeof given === "object" && given !== null && "worker" in given;
}

function twoHandlers(name: string): SealwireError {
  return new SealwireError(
    "INVALID_ARGUMENT",
    `${name} has a handler and names a worker; its handler is the function that worker names`,
  );
}
