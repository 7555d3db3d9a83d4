import type { Logger } from "../contracts/logger.ts";

/**
 * Runs what an application wants to be told with. What it throws, now or in its promise, is logged
 * and changes nothing here.
 */
export function tell(logger: Logger, about: object, run: () => unknown): void {
  const failed = (err: unknown) => logger.error({ ...about, err }, "a receiver failed");
  try {
    const told = run();
    if (told instanceof Promise) told.catch(failed);
  } catch (err) {
    failed(err);
  }
}
