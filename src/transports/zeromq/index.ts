export type { CurveOptions, ZeromqOptions } from "./options.ts";
export { decodeZ85, encodeZ85 } from "./z85.ts";
export { zeromq } from "./zeromq.ts";
