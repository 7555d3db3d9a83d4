import type { Cluster, Delivery } from "../core/contracts/cluster.ts";

/** The engine of a cluster that is to be proven. */
export interface ClusterUnderTest {
  /** Joins the cluster of this one test. */
  node(nodeId: string): Promise<Cluster>;
  /** Takes the engine away from all nodes, where that can be done. */
  readonly lose?: () => Promise<void>;
  /** Brings it back. */
  readonly restore?: () => Promise<void>;
  /** Takes away what was made for it. */
  readonly clean?: () => Promise<void>;
}

/** What the parts of the suite share. */
export interface ClusterSuite {
  /** A new cluster; closed after the test. */
  made(): Promise<ClusterUnderTest>;
  /** So many nodes of a new cluster; closed after the test. */
  nodes(...names: readonly string[]): Promise<readonly Cluster[]>;
}

/** Keeps what comes to one subscriber, and lets a test wait for it. */
export class Heard {
  readonly all: Uint8Array[] = [];
  /** How many of them could be answered. */
  answerable = 0;
  #waiting: { readonly until: () => boolean; readonly resolve: () => void }[] = [];

  readonly receive = (delivery: Delivery): void => {
    this.all.push(delivery.payload);
    if (delivery.reply) this.answerable += 1;
    const ready = this.#waiting.filter(({ until }) => until());
    this.#waiting = this.#waiting.filter((waiter) => !ready.includes(waiter));
    for (const { resolve } of ready) resolve();
  };

  /** Resolves when so many have come. */
  count(least: number): Promise<void> {
    return this.#when(() => this.all.length >= least);
  }

  /** Resolves when a payload that begins with this byte has come. */
  first(byte: number): Promise<void> {
    return this.#when(() => this.all.some((payload) => payload[0] === byte));
  }

  #when(until: () => boolean): Promise<void> {
    if (until()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ until, resolve }));
  }
}
