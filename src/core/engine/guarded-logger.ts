import type { Logger } from "../contracts/logger.ts";

/** A logger whose own failures change nothing: a full disk must not end connections. */
export function guardedLogger(logger: Logger): Logger {
  const guarded =
    (level: "debug" | "info" | "warn" | "error") =>
    (fields: object, message: string): void => {
      try {
        logger[level](fields, message);
      } catch {
        // There is nowhere to tell it.
      }
    };
  return {
    debug: guarded("debug"),
    info: guarded("info"),
    warn: guarded("warn"),
    error: guarded("error"),
    isLevelEnabled: (level) => logger.isLevelEnabled?.(level) === true,
  };
}
