import { misused } from "../failures.ts";

/** A TCP port of a machine. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

/** Reads `host:port`, `[host]:port`, or a port of this machine. @throws `INVALID_ARGUMENT` */
export function placeFrom(option: string, text: string): Place {
  const found = /^(?:(?:\[([^\]]+)\]|([^:[\]]+)):)?(\d{1,5})$/.exec(text);
  const port = Number(found?.[3]);
  if (!found || port > 65_535) {
    throw misused(`${option}: "${text}" is no place; write it like 127.0.0.1:8080`);
  }
  return { host: found[1] ?? found[2] ?? "127.0.0.1", port };
}
