import type { Logger } from "../core/contracts/logger.ts";
import { isThenable } from "../core/engine/thenable.ts";
import type { Call } from "../core/model/call.ts";
import { SealwireError } from "../core/model/errors.ts";

/**
 * Runs a handler whose errors show their text and class to the caller: on the wires of systems
 * whose clients live on it. The stack goes to the log and nowhere else.
 */
export function showErrors(logger: Logger, call: Call, run: (call: Call) => unknown): unknown {
  const fail = (thrown: unknown): never => {
    throw shown(logger, call, thrown);
  };
  try {
    const answer = run(call);
    return isThenable(answer) ? answer.then(undefined, fail) : answer;
  } catch (thrown) {
    return fail(thrown);
  }
}

function shown(logger: Logger, { procedure }: Call, thrown: unknown): SealwireError {
  if (thrown instanceof SealwireError) return thrown;
  logger.error({ procedure, err: thrown }, "a handler failed");
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  return new SealwireError("INTERNAL", error.message, { type: classOf(error), cause: thrown });
}

/** Classes of an application seldom set `name`, which then says no more than `Error`. */
function classOf(error: Error): string {
  return error.name === "Error" ? error.constructor.name : error.name;
}
