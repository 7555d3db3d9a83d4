export type { ClientQuery, ClusterClient } from "./clients.ts";
export { type ClusterHandle, type ClusterNodeInfo, cluster } from "./cluster.ts";
export type { ClusterLimits, ClusterOptions } from "./options.ts";
