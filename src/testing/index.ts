export { type ManualClock, manualClock } from "./manual-clock.ts";
export { type MemoryOptions, memoryPair } from "./memory-pair.ts";
export { type TransportUnderTest, transportSuite } from "./transport-suite.ts";
