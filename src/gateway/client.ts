import { websocket } from "../transports/websocket/index.browser.ts";
import { checkTarget, type SrmudpClientOptions } from "./client-options.ts";
import { clientOver } from "./client-over.ts";
import type { SrmudpWebSocketClient } from "./srmudp-client.ts";

export type { SrmudpMessage, SrmudpStatus, SrmudpStatusWord } from "./client-frames.ts";
export type { ReconnectOptions, SrmudpClientOptions } from "./client-options.ts";
export type { SrmudpWebSocketClient } from "./srmudp-client.ts";

/**
 * A client of the proxy for pages; nothing is sent before `connect`.
 *
 * @throws `INVALID_ARGUMENT` for an address, a key or an option that cannot be used.
 *
 * @example
 * const client = createSrmudpClient("wss://proxy.example/v0/ws/proxy", "203.0.113.9", 9602, key);
 * await client.connect();
 * await client.sendText("hello");
 * for await (const { text } of client) console.log(text);
 */
export function createSrmudpClient(
  wsUrl: string | URL,
  remoteHost: string,
  remotePort: number,
  encryptionKey: string,
  options: SrmudpClientOptions = {},
): SrmudpWebSocketClient {
  const target = checkTarget(wsUrl, remoteHost, remotePort, encryptionKey);
  return clientOver(websocket, target, options);
}
