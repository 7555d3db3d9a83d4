import type { Endpoint } from "../contracts/datagram-socket.ts";

/** `host:port` for people, logs and URLs, IPv6 in brackets. */
export function endpointText({ host, port }: Endpoint): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
