import type { Transport } from "../core/contracts/transport.ts";
import { type checkTarget, clientSettings, type SrmudpClientOptions } from "./client-options.ts";
import { SrmudpWebSocketClient } from "./srmudp-client.ts";
import { SYSTEM_CLOCK } from "./system-clock.ts";

/** Makes the platform's WebSocket transport. */
export type WebSocketMaker = (options: {
  readonly secure: boolean;
  readonly subprotocols: readonly string[];
  readonly maxFrameBytes: number;
}) => Transport;

/** A client of the proxy over the WebSockets of this platform. */
export function clientOver(
  websocket: WebSocketMaker,
  target: ReturnType<typeof checkTarget>,
  options: SrmudpClientOptions,
): SrmudpWebSocketClient {
  const secure = target.url.protocol === "wss:";
  const transport = websocket({ secure, subprotocols: [], maxFrameBytes: 33_554_432 });
  const settings = clientSettings(options, { transport, clock: SYSTEM_CLOCK });
  return new SrmudpWebSocketClient(target, settings);
}
