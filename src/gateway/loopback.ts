import type { Socket } from "node:net";
import { unmapped } from "./special-addresses.ts";

/** Whether a connection comes from this machine. */
export function isLoopback({ remoteAddress = "" }: Pick<Socket, "remoteAddress">): boolean {
  const address = unmapped(remoteAddress);
  return address === "::1" || /^127\.\d+\.\d+\.\d+$/.test(address);
}
