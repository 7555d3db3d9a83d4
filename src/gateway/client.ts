import { websocket } from "../transports/websocket/index.browser.ts";
import { checkTarget, clientSettings, type SrmudpClientOptions } from "./client-options.ts";
import { SrmudpWebSocketClient } from "./srmudp-client.ts";
import { SYSTEM_CLOCK } from "./system-clock.ts";

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
  const secure = target.url.protocol === "wss:";
  const transport = websocket({ secure, subprotocols: [], maxFrameBytes: 33_554_432 });
  const settings = clientSettings(options, { transport, clock: SYSTEM_CLOCK });
  return new SrmudpWebSocketClient(target, settings);
}
