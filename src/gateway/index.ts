export { createGateway, type Gateway } from "./gateway.ts";
export type { Link, LinkMode, LinkOpener, LinkOpening, LinkState } from "./link.ts";
export type { GatewayLimits, GatewayOptions } from "./options.ts";
export type { PortRange } from "./targets.ts";
