import { websocket } from "../transports/websocket/index.ts";
import { clientMaker, type SrmudpClientMaker } from "./client-over.ts";

export type { SrmudpMessage, SrmudpStatus, SrmudpStatusWord } from "./client-frames.ts";
export type { ReconnectOptions, SrmudpClientOptions } from "./client-options.ts";
export type { SrmudpClientMaker } from "./client-over.ts";
export type { SrmudpWebSocketClient } from "./srmudp-client.ts";

/**
 * A client of the proxy for Node; nothing is sent before `connect`.
 *
 * @throws `INVALID_ARGUMENT` for an address, a key or an option that cannot be used.
 *
 * @example
 * const client = createSrmudpClient("wss://proxy.example/v0/ws/proxy", "203.0.113.9", 9602, key);
 * await client.connect();
 * await client.sendText("hello");
 * for await (const { text } of client) console.log(text);
 */
export const createSrmudpClient: SrmudpClientMaker = /* @__PURE__ */ clientMaker(websocket);
