import type { Socket } from "node:net";
import { unmapped } from "./special-addresses.ts";

/** Whether a connection comes from this machine. */
export function isLoopback({ remoteAddress = "" }: Pick<Socket, "remoteAddress">): boolean {
  const address = unmapped(remoteAddress);
  return address === "::1" || /^127\.\d+\.\d+\.\d+$/.test(address);
}

/** Whether a host of an address means this machine alone. */
export function isLoopbackHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "");
  return host === "localhost" || isLoopback({ remoteAddress: host });
}
