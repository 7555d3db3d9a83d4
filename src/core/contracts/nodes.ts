/** The other nodes of a cluster, as features see them; a server on its own has none. */
export interface Nodes {
  /** The name of this node; `undefined` on a server that is alone. */
  readonly self: string | undefined;
  /** The nodes that are there beside this one. */
  readonly others: readonly string[];
  /** Whether the engine that carries the words between nodes can be reached. */
  readonly reachable: boolean;
  /**
   * Says something to all others, or to one. It falls where nobody listens and while the engine
   * is gone: whoever missed something is told of by `onCome`.
   */
  say(topic: string, value: unknown, to?: string): void;
  /** Takes what others say. From one node it comes in order; the value is not checked. */
  onSaid(topic: string, take: (value: unknown, node: string) => void): void;
  /** Is told of a node that wants to know all: it has come, or has missed something. */
  onCome(hook: (node: string) => void): void;
  /** Is told of a node that has gone: it ended, or was silent for too long. */
  onGone(hook: (node: string) => void): void;
  /** From now on this carries the words. @throws `ALREADY_EXISTS` when another does */
  join(carrier: NodeCarrier): NodeReports;
}

/** Carries the words between nodes. */
export type NodeCarrier = Pick<Nodes, "others" | "reachable" | "say"> & { readonly self: string };

/** What a carrier tells. */
export interface NodeReports {
  said(topic: string, value: unknown, node: string): void;
  came(node: string): void;
  gone(node: string): void;
}
