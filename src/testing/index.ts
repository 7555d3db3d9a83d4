export { type ManualClock, manualClock } from "./manual-clock.ts";
export { type MemoryOptions, memoryPair } from "./memory-pair.ts";
export {
  type PairOptions,
  type ServerAndClient,
  serverAndClient,
} from "./server-and-client.ts";
export { transportSuite } from "./transport-suite.ts";
export type { TransportUnderTest } from "./transport-under-test.ts";
