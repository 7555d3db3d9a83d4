/** Carries bytes between the nodes of one cluster over a message engine. */
export interface Cluster {
  /** The name of this node, which no other node of the cluster has. */
  readonly nodeId: string;
  /** What it is and where, for people and logs: `NATS at 127.0.0.1:4222`. */
  readonly description: string;
  /**
   * Resolves when the engine has it; who does not listen then misses it.
   *
   * @throws `UNAVAILABLE` while the engine is gone, `TOO_LARGE` beyond what it carries
   */
  publish(subject: string, payload: Uint8Array): Promise<void>;
  /**
   * With a group, one subscriber of the group receives each delivery; without, all do, the
   * publishing node as well. Deliveries of one publisher keep their order.
   */
  subscribe(
    subject: string,
    receive: (delivery: Delivery) => void,
    group?: string,
  ): Promise<Subscription>;
  /**
   * Asks whoever is subscribed to the subject; the first reply counts.
   *
   * @throws `NOT_FOUND` when nobody is subscribed, `UNAVAILABLE` while the engine is gone, what
   * the signal was aborted with
   */
  request(
    subject: string,
    payload: Uint8Array,
    options: { readonly signal: AbortSignal },
  ): Promise<Uint8Array>;
  /** Is told of each loss of the engine (`false`) and each return (`true`). */
  onReachable(tell: (reachable: boolean) => void): void;
  /** Ends all subscriptions, after what was published has left. */
  close(): Promise<void>;
}

/** One payload that has come to a subscriber. */
export interface Delivery {
  readonly payload: Uint8Array;
  /** Present on requests. */
  readonly reply?: (payload: Uint8Array) => Promise<void>;
}

/** Ends the deliveries to one subscriber. */
export interface Subscription {
  close(): Promise<void>;
}
