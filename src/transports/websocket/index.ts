export { httpLayer } from "./http-layer.ts";
export type { WebSocketLimitOptions, WebSocketOptions } from "./options.ts";
export type { HttpLayerOptions } from "./server-options.ts";
export { type NodeWebSocketOptions, secureWebsocket, websocket } from "./websocket.ts";
