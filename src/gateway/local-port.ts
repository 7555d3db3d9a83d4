import { SealwireError } from "../core/model/errors.ts";
import type { GatewaySettings } from "./options.ts";

/** @throws `INVALID_ARGUMENT` when clients may not choose this port of the proxy's machine. */
export function checkLocalPort(
  port: number,
  { localPorts, preferredPort }: Pick<GatewaySettings, "localPorts" | "preferredPort">,
): void {
  if (port === 0 || port === preferredPort) return;
  if (port >= localPorts.from && port <= localPorts.to) return;
  const range = `${localPorts.from} to ${localPorts.to}`;
  const message = `local_port is ${port}; this proxy gives 0 and ${range}`;
  throw new SealwireError("INVALID_ARGUMENT", message);
}
