import type { Call } from "../model/call.ts";

/**
 * A call like another but for some of its fields, for middlewares that hand on something else than
 * they got. Calls make their signal when it is first looked at, so they cannot be spread.
 *
 * @example
 * server.use((call, next) => next(changeCall(call, { meta: { ...call.meta, tenant: "a" } })));
 */
export function changeCall(call: Call, changes: Partial<Call>): Call {
  const { procedure, args, meta, peer, principal, deadline, idempotent } = call;
  const changed = {
    ...{ procedure, args, meta, peer, principal, deadline, idempotent },
    get input() {
      return call.input;
    },
    get signal() {
      return call.signal;
    },
  };
  for (const [name, value] of Object.entries(changes)) {
    Object.defineProperty(changed, name, { value, enumerable: true });
  }
  return changed;
}
