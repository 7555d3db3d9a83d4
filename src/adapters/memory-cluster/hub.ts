import type { Cluster } from "../../core/contracts/cluster.ts";
import { type Logger, SILENT } from "../../core/contracts/logger.ts";
import { checkPositive } from "../../core/engine/check-options.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { Exchange } from "./exchange.ts";
import { MemoryNode } from "./node.ts";

/** What the engine of a cluster in one process carries. */
export interface MemoryClusterOptions {
  /**
   * The longest payload; a longer one is refused with `TOO_LARGE`.
   *
   * @default 1_048_576
   */
  readonly maxPayloadBytes?: number;
  /** Hears of subscribers that throw. @default none */
  readonly logger?: Logger;
}

/** The engine of a cluster whose nodes live in one process; nothing is sealed, nothing is kept. */
export interface MemoryClusterHub {
  /** Joins the cluster. @throws `ALREADY_EXISTS` while another node has this name */
  node(nodeId: string): Cluster;
  /** The engine is gone, for one node or for all: as when a cable is drawn. */
  lose(nodeId?: string): void;
  /** The engine is back, for one node or for all. */
  restore(nodeId?: string): void;
}

/**
 * A cluster within one process: for tests, and for what runs alone but is written for many.
 *
 * @example
 * const hub = memoryClusterHub();
 * const [a, b] = [hub.node("a"), hub.node("b")];
 */
export function memoryClusterHub(options: MemoryClusterOptions = {}): MemoryClusterHub {
  const { maxPayloadBytes = 1_048_576, logger = SILENT } = options;
  checkPositive({ maxPayloadBytes });
  const exchange = new Exchange(logger);
  const nodes = new Map<string, MemoryNode>();
  const chosen = (nodeId: string | undefined): readonly MemoryNode[] =>
    [...nodes.values()].filter((node) => nodeId === undefined || node.nodeId === nodeId);
  return {
    node(nodeId) {
      if (nodes.has(nodeId)) throw taken(nodeId);
      const node = new MemoryNode(nodeId, maxPayloadBytes, exchange, () => nodes.delete(nodeId));
      nodes.set(nodeId, node);
      return node;
    },
    lose(nodeId) {
      for (const node of chosen(nodeId)) node.setReachable(false);
    },
    restore(nodeId) {
      for (const node of chosen(nodeId)) node.setReachable(true);
    },
  };
}

function taken(nodeId: string): SealwireError {
  const message = `the cluster has a node "${nodeId}" already: each needs a name of its own`;
  return new SealwireError("ALREADY_EXISTS", message);
}
