import type { Logger } from "../contracts/logger.ts";
import { type Failure, SealwireError } from "../model/errors.ts";

/**
 * What the other peer may see of something thrown. A `SealwireError` travels as it is; anything
 * else is logged under a reference number and travels as `INTERNAL` with that number alone.
 */
export function failureOf(thrown: unknown, reference: () => string, logger: Logger): Failure {
  if (thrown instanceof SealwireError) return thrown.toFailure();
  const number = reference();
  logger.error({ reference: number, err: thrown }, "a handler failed");
  return { code: "INTERNAL", message: `internal error, reference ${number}` };
}
