import type { Call } from "../model/call.ts";

/** Carries the current call below a handler (AsyncLocalStorage in Node). Off unless asked for: it costs. */
export interface CallContext {
  run<Result>(call: Call, action: () => Result): Result;
  current(): Call | undefined;
}
