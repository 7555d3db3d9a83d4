export type { TcpOptions } from "./options.ts";
export { tcp } from "./tcp.ts";
export { type TlsOptions, tls } from "./tls.ts";
export { type TlsLayerOptions, tlsLayer } from "./tls-layer.ts";
