export type { LinkState } from "./link-state.ts";
export { type OpenSrmudpOptions, openSrmudp, type SrmudpLink } from "./open-srmudp.ts";
export { SRMUDP_DEFAULTS, type SrmudpLimits, type SrmudpOptions } from "./options.ts";
export { publicKeyPin } from "./public-key-pin.ts";
export { srmudp } from "./srmudp.ts";
export type { SrmudpStatistics } from "./statistics.ts";
