import type { Logger } from "../../core/contracts/logger.ts";
import { type ErrorCode, SealwireError } from "../../core/model/errors.ts";

/** What a member answers: a value, or why there is none. */
export type MemberAnswer =
  | { readonly value: unknown }
  | { readonly code: ErrorCode; readonly message: string };

/** Runs a receiver for its answer. The text of errors that were not meant for others stays here. */
export async function answerOf(
  event: string,
  run: (() => unknown) | undefined,
  logger: Logger,
): Promise<MemberAnswer> {
  if (!run) return { code: "NOT_FOUND", message: `does not receive ${event}` };
  try {
    return { value: await run() };
  } catch (thrown) {
    if (thrown instanceof SealwireError) return { code: thrown.code, message: thrown.message };
    logger.error({ err: thrown, event }, "a receiver failed");
    return { code: "INTERNAL", message: "its receiver failed" };
  }
}
