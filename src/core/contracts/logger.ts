/**
 * Where lines of the log go: the part of pino's interface that Sealwire uses, so that a pino
 * instance fits as it is. Nothing secret is ever passed in.
 */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** As pino has it. Only a logger that says yes for `debug` gets a line for each call. */
  isLevelEnabled?(level: string): boolean;
}

/** Says nothing. */
export const SILENT: Logger = Object.freeze({ debug() {}, info() {}, warn() {}, error() {} });
