export { clusterSuite } from "./cluster-suite.ts";
export type { ClusterUnderTest } from "./cluster-under-test.ts";
export { dialectSuite } from "./dialect-suite.ts";
export type { DialectUnderTest } from "./dialect-under-test.ts";
export { executorSuite } from "./executor-suite.ts";
export type { ExecutorUnderTest } from "./executor-under-test.ts";
export { type ManualClock, manualClock } from "./manual-clock.ts";
export { type MemoryOptions, memoryPair } from "./memory-pair.ts";
export {
  type PairOptions,
  type ServerAndClient,
  serverAndClient,
} from "./server-and-client.ts";
export { storeSuite } from "./store-suite.ts";
export type { StoreUnderTest } from "./store-under-test.ts";
export { transportSuite } from "./transport-suite.ts";
export type { TransportUnderTest } from "./transport-under-test.ts";
