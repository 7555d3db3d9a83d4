import type { Executor, TaskCall, TaskTarget } from "../contracts/executor.ts";
import type { ProcedureOptions } from "../contracts/feature.ts";
import type { Call } from "../model/call.ts";
import { SealwireError } from "../model/errors.ts";

/**
 * What is registered in place of a handler that runs elsewhere. With declared parameters the
 * function gets them and a `TaskCall`; without, the arguments as `expose` hands them over.
 *
 * @throws `UNSUPPORTED` without an executor; what its `prepare` throws
 */
export function taskHandler(
  executor: Executor | undefined,
  target: TaskTarget,
  { params }: Pick<ProcedureOptions, "params">,
): (...given: never[]) => Promise<unknown> {
  const { module, handler } = checked(target);
  if (!executor) throw nothingThatRuns(handler);
  executor.prepare?.({ module, handler });
  const run = ({ signal }: Call, input: readonly unknown[]) =>
    executor.run({ module, handler, input }, { signal });
  if (!params) return (call: Call) => run(call, plainInput(call).map(compact));
  return (values: Readonly<Record<string, unknown>>, call: Call) => {
    const entries = Object.entries(values).map(([name, value]) => [name, compact(value)] as const);
    return run(call, [Object.fromEntries(entries), taskCall(call)]);
  };
}

function checked(target: unknown): TaskTarget {
  const { module, handler }: Partial<Record<keyof TaskTarget, unknown>> = Object(target);
  const named = typeof module === "string" || module instanceof URL;
  if (named && typeof handler === "string" && handler !== "") return { module, handler };
  throw new SealwireError(
    "INVALID_ARGUMENT",
    "worker wants { module, handler }: a file and the name of a function that it exports",
  );
}

/** Positional arguments spread, named ones as one last object. */
function plainInput({ args: { positional, named } }: Call): readonly unknown[] {
  return Object.keys(named).length > 0 ? [...positional, named] : positional;
}

/** A view of a large frame would take the whole frame with it. */
function compact(value: unknown): unknown {
  if (!(value instanceof Uint8Array) || value.length === value.buffer.byteLength) return value;
  return value.slice();
}

function taskCall({ procedure, meta, principal, deadline }: Call): TaskCall {
  return {
    procedure,
    meta: { ...meta },
    ...(principal && { principal: { id: principal.id, scopes: principal.scopes } }),
    ...(deadline !== undefined && { deadline }),
  };
}

function nothingThatRuns(handler: string): SealwireError {
  return new SealwireError(
    "UNSUPPORTED",
    `nothing is there to run ${handler} elsewhere: give an executor, such as piscina()`,
  );
}
