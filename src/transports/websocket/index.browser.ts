export type { WebSocketLimitOptions, WebSocketOptions } from "./options.ts";
export { secureWebsocket, websocket } from "./websocket.browser.ts";
