import type { Transport } from "../core/contracts/transport.ts";
import { checkTarget, clientSettings, type SrmudpClientOptions } from "./client-options.ts";
import { SrmudpWebSocketClient } from "./srmudp-client.ts";
import { SYSTEM_CLOCK } from "./system-clock.ts";

/** Makes the platform's WebSocket transport. */
export type WebSocketMaker = (options: {
  readonly secure: boolean;
  readonly subprotocols: readonly string[];
  readonly maxFrameBytes: number;
}) => Transport;

/** Makes a client of the proxy; see `createSrmudpClient`. */
export type SrmudpClientMaker = (
  wsUrl: string | URL,
  remoteHost: string,
  remotePort: number,
  encryptionKey: string,
  options?: SrmudpClientOptions,
) => SrmudpWebSocketClient;

/** Makes clients of the proxy over the WebSockets of one platform. */
export function clientMaker(websocket: WebSocketMaker): SrmudpClientMaker {
  return (wsUrl, remoteHost, remotePort, encryptionKey, options = {}) => {
    const target = checkTarget(wsUrl, remoteHost, remotePort, encryptionKey);
    const secure = target.url.protocol === "wss:";
    const transport = websocket({ secure, subprotocols: [], maxFrameBytes: 33_554_432 });
    const settings = clientSettings(options, { transport, clock: SYSTEM_CLOCK });
    return new SrmudpWebSocketClient(target, settings);
  };
}
