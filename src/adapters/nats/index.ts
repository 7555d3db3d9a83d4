export {
  type NatsCluster,
  type NatsClusterOptions,
  natsCluster,
} from "./nats-cluster.ts";
export type { ClusterKey, NatsOptions, NatsTls } from "./options.ts";
