import type { Binding } from "../core/engine/procedures.ts";
import type { Call } from "../core/model/call.ts";

/**
 * Loads what binds and validates declared parameters once a procedure has some: few clients do,
 * and pages would carry it for nothing.
 */
export const bindLater: Binding = (options, run) => {
  if (!options.params && !options.result) return (call: Call) => run(call);
  const loading = import("../core/engine/bind.ts").then(({ bound }) => bound(options, run));
  // A mistake in the options is told to whoever calls.
  loading.catch(() => {});
  return async (call) => (await loading)(call);
};
