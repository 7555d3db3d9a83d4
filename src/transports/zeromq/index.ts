export type { CurveOptions } from "./curve-options.ts";
export type { ZeromqOptions } from "./options.ts";
export { decodeZ85, encodeZ85 } from "./z85.ts";
export { zeromq } from "./zeromq.ts";
