export type { Link, LinkMode, LinkOpener, LinkOpening, LinkState } from "./link.ts";
export type { ProxyLimits, ProxyOptions } from "./options.ts";
export { createProxy, type Proxy } from "./proxy.ts";
export type { PortRange } from "./targets.ts";
