export type { Executor, TaskCall, TaskTarget } from "../../core/contracts/executor.ts";
export { type Broker, type BrokerWorkerInfo, broker } from "./broker.ts";
export {
  BrokerWorker,
  type BrokerWorkerOptions,
  brokerWorker,
  type WorkerClient,
} from "./broker-worker.ts";
export { BROKER_DEFAULTS, type BrokerOptions } from "./options.ts";
