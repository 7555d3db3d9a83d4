import type { Logger } from "../contracts/logger.ts";
import type { Middleware } from "../model/call.ts";
import { SealwireError } from "../model/errors.ts";

/**
 * One line at level debug for each call, with who called and how long it took; never what was
 * passed. Servers, and clients in Node, use it by themselves when their logger has that level
 * switched on; in a page: `client.use(callLog(logger))`.
 */
export function callLog(logger: Logger): Middleware {
  return async (call, next) => {
    const began = performance.now();
    const { procedure, peer, principal } = call;
    const fields = () => ({
      procedure,
      connection: peer.id,
      principal: principal?.id,
      ms: Number((performance.now() - began).toFixed(1)),
    });
    try {
      const answer = await next(call);
      logger.debug(fields(), "call");
      return answer;
    } catch (thrown) {
      logger.debug(
        { ...fields(), code: SealwireError.from(thrown, "INTERNAL").code },
        "call failed",
      );
      throw thrown;
    }
  };
}

/** Whether lines at level debug go anywhere; loggers that cannot tell are spared them. */
export function logsCalls(logger: Logger): boolean {
  return logger.isLevelEnabled?.("debug") === true;
}
