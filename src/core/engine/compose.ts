import type { Call, Handler, Middleware } from "../model/call.ts";

/** Middlewares and a handler as one handler; the first middleware is the outermost. */
export function compose(middlewares: readonly Middleware[], handler: Handler): Handler {
  if (middlewares.length === 0) return handler;
  const innermost = async (call: Call): Promise<unknown> => handler(call);
  return middlewares.reduceRight<(call: Call) => Promise<unknown>>(
    (next, middleware) => (call) => middleware(call, next),
    innermost,
  );
}
