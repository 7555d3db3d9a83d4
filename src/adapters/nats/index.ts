export {
  type NatsCluster,
  type NatsClusterOptions,
  natsCluster,
} from "./nats-cluster.ts";
export { natsStore } from "./nats-store.ts";
export type { ClusterKey, NatsOptions, NatsTls } from "./options.ts";
export type { NatsStoreOptions } from "./store-options.ts";
