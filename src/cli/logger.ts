import type { Logger } from "../core/contracts/logger.ts";
import { foreign } from "./printable.ts";
import type { Shell } from "./shell.ts";

/** What is written to the log, the least first. */
export const LOG_LEVELS = ["silent", "error", "warn", "info", "debug"] as const;

/** One of `LOG_LEVELS`. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A log for people on standard error: one line each, with its fields; or JSON for machines. */
export function logTo(shell: Shell, level: LogLevel, json = false): Logger {
  const enabled = (own: LogLevel) => LOG_LEVELS.indexOf(own) <= LOG_LEVELS.indexOf(level);
  const writer = (own: LogLevel) => {
    if (!enabled(own)) return () => {};
    return (fields: object, message: string) => {
      const time = new Date().toISOString();
      if (json) shell.note(JSON.stringify({ time, level: own, ...plainFields(fields), message }));
      else shell.note(`${time} ${nameOf(shell, own)} ${foreign(message)}${fieldsText(fields)}`);
    };
  };
  return {
    isLevelEnabled: (own) => LOG_LEVELS.some((known) => known === own && enabled(known)),
    debug: writer("debug"),
    info: writer("info"),
    warn: writer("warn"),
    error: writer("error"),
  };
}

function nameOf({ colors }: Shell, level: LogLevel): string {
  const name = level.toUpperCase().padEnd(5);
  if (level === "error") return colors.err.red(name);
  return level === "warn" ? colors.err.yellow(name) : colors.err.dim(name);
}

function fieldsText(fields: object): string {
  return Object.entries(plainFields(fields))
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}=${fieldText(value)}`)
    .join("");
}

/** What reads as one word needs no quotes. */
function fieldText(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const shown = /^[\w.:/[\]@-]+$/.test(text) ? text : JSON.stringify(text);
  return foreign(shown);
}

/** An error under `err`, as pino has it, with the line it comes from. */
function plainFields(fields: object): Readonly<Record<string, unknown>> {
  const { err, ...rest }: { readonly err?: unknown } = fields;
  if (!(err instanceof Error)) return err === undefined ? rest : { ...rest, err: String(err) };
  const at = err.stack?.split("\n").find((line) => /^\s+at /.test(line));
  return { ...rest, err: String(err), ...(at !== undefined && { at: at.trim().slice(3) }) };
}
