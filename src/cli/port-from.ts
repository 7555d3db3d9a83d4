import { misused } from "./failures.ts";

/** Reads a port; 0 is any free one. @throws `INVALID_ARGUMENT` that names the option */
export function portFrom(option: string, text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw misused(`${option} is ${JSON.stringify(text)}; it must be a port, at most 65535`);
}
