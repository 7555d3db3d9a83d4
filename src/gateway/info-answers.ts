import type { Socket } from "node:net";
import { endpointText } from "../core/engine/endpoint-text.ts";
import type { GatewaySettings } from "./options.ts";
import type { Listed } from "./registry.ts";

/** What `/v0/ws/info` tells: how to use both WebSockets. Both originals answered at this path. */
export function infoAnswer(
  { host }: URL,
  { localAddress = "0.0.0.0", encrypted = false }: Socket & { readonly encrypted?: boolean },
  { preferredPort }: Pick<GatewaySettings, "preferredPort">,
): object {
  const scheme = encrypted ? "wss" : "ws";
  return {
    websocket_url: `${scheme}://${host}/v0/ws/proxy`,
    parameters: PROXY_PARAMETERS,
    udp_connection_info: `udp://${endpointText({ host: localAddress, port: preferredPort })}`,
    description: "WebSocket to SRMUDP: secure reliable UDP with hole punching",
    documentation: "The status UDP_WAITING tells local_address and local_port: peers send there.",
    bridge: {
      websocket_url: `${scheme}://${host}/v0/ws/bridge`,
      parameters: BRIDGE_PARAMETERS,
    },
  };
}

/** `/v0/ws/connections`: the open links of `/v0/ws/proxy`. */
export function connectionsAnswer(listed: readonly Listed[]): readonly object[] {
  return listed.map(({ id, remoteHost, remotePort, status, local }) => ({
    connection_id: id,
    remote_host: remoteHost,
    remote_port: remotePort,
    status,
    ...(local && { local_port: local.port }),
  }));
}

/** `/v0/ws/bridges`: the open links of `/v0/ws/bridge`. */
export function bridgesAnswer(listed: readonly Listed[]): object {
  return {
    active_bridges: listed.length,
    bridges: listed.map(({ id, remoteHost, remotePort, status, local }) => ({
      connection_id: id,
      local_address: local ? endpointText(local) : null,
      peer_address: endpointText({ host: remoteHost, port: remotePort }),
      is_connected: status === "UDP_ESTABLISHED",
      is_running: status !== "ERROR",
    })),
  };
}

/** `/v0/ws/server-config`: which port the links of `/v0/ws/bridge` get. */
export function serverConfigAnswer({
  preferredPort,
  localPorts,
}: Pick<GatewaySettings, "preferredPort" | "localPorts">): object {
  const fixed = preferredPort !== 0;
  return {
    preferred_srmudp_port: preferredPort,
    port_behavior: fixed ? `fixed port ${preferredPort}` : "random port",
    note: `local_port chooses another, from ${localPorts.from} to ${localPorts.to}; 0 means any.`,
  };
}

const COMMON_PARAMETERS = {
  local_port: "UDP port of this side (optional); 0 or absent: any. Told in the status",
  authenticate: "1: the peer must prove the key (optional); peers of the Python library cannot",
  format: "binary: all data arrives as base64 (optional)",
  ticket: "from POST /v0/ws/ticket, in place of keys (optional)",
};

const PROXY_PARAMETERS = {
  remote_host: "address or name of the peer",
  remote_port: "UDP port of the peer",
  encryption_key: "the key; better in the first frame or in a ticket than here",
  client_id: "prefix of the connection id (optional)",
  mode: "srmudp or udp (optional)",
  ...COMMON_PARAMETERS,
};

const BRIDGE_PARAMETERS = { remote_address: "host:port of the peer", ...COMMON_PARAMETERS };
