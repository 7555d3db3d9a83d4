import type { Clock } from "../../core/contracts/clock.ts";
import type { Cluster } from "../../core/contracts/cluster.ts";
import { type Logger, SILENT } from "../../core/contracts/logger.ts";
import {
  checkPositive,
  checkWhole,
  invalidOption,
  wholeLimits,
} from "../../core/engine/check-options.ts";

/** What the other nodes may cost this one. */
export interface ClusterLimits {
  /** Other nodes that are known at once; further ones are not listened to. @default 100 */
  readonly maxNodes: number;
  /** Procedures that one node may have for the others; what is beyond falls. @default 1_000 */
  readonly maxProcedures: number;
  /** The largest thing said between nodes; what is larger is not said, or refused. @default 524_288 */
  readonly maxMessageBytes: number;
  /** Ways that one other node has open to this one; more are refused. @default 10_000 */
  readonly maxChannels: number;
}

/** What a node of a cluster is told. */
export interface ClusterOptions extends Partial<ClusterLimits> {
  /** What carries bytes between the nodes. The server closes it. */
  readonly cluster: Cluster;
  /**
   * How often a node says that it is there. Who is silent for four times as long counts as gone,
   * by the count of our own ticks and not by any clock. @default 1_000
   */
  readonly intervalMs?: number;
  /** For questions to other nodes and calls of their clients. @default 10_000 */
  readonly callTimeoutMs?: number;
  /** Is told of nodes that come and go, and of the engine. @default silence */
  readonly logger?: Logger;
  /** Time, for tests. @default the machine's */
  readonly clock?: Clock;
}

/** The options with everything filled in. */
export type ClusterConfig = Required<Omit<ClusterOptions, keyof ClusterLimits>> & {
  readonly limits: ClusterLimits;
};

/** Every number that holds unless an option says otherwise. */
export const CLUSTER_DEFAULTS: ClusterLimits & {
  readonly intervalMs: number;
  readonly callTimeoutMs: number;
} = Object.freeze({
  maxNodes: 100,
  maxProcedures: 1_000,
  maxMessageBytes: 524_288,
  maxChannels: 10_000,
  intervalMs: 1_000,
  callTimeoutMs: 10_000,
});

/** Fills in and checks. @throws `INVALID_ARGUMENT` naming the option, the value and what is allowed */
export function clusterConfig(options: ClusterOptions): ClusterConfig {
  const { intervalMs: _interval, callTimeoutMs: _timeout, ...bounds } = CLUSTER_DEFAULTS;
  const { intervalMs, callTimeoutMs } = { ...CLUSTER_DEFAULTS, ...options };
  const { cluster, logger = SILENT, clock = MACHINE_CLOCK } = options;
  checkPositive({ intervalMs, callTimeoutMs });
  const limits = wholeLimits(bounds, options);
  checkWhole("maxMessageBytes", limits.maxMessageBytes, 1_024);
  if (!NODE_ID.test(cluster.nodeId)) {
    throw invalidOption("nodeId", cluster.nodeId, "1 to 64 letters, digits, - and _");
  }
  return { cluster, intervalMs, callTimeoutMs, logger, clock, limits };
}

/** The name of a node is part of subjects, whose words engines divide by dots. */
export const NODE_ID: RegExp = /^[A-Za-z0-9_-]{1,64}$/;

const MACHINE_CLOCK: Clock = Object.freeze({
  now: Date.now,
  after: (ms: number, run: () => void) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
});
