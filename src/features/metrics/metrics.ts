import type { Feature } from "../../core/contracts/feature.ts";
import type { Nodes } from "../../core/contracts/nodes.ts";
import { invalidOption } from "../../core/engine/check-options.ts";
import type { TrafficStatistics } from "../../core/engine/connection-setup.ts";
import type { Call, Next } from "../../core/model/call.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { CallCounts, type CallEnd } from "./call-counts.ts";
import { familiesOf } from "./families.ts";
import { prometheusText } from "./prometheus-text.ts";
import { TrafficCounts } from "./traffic-counts.ts";

/** What is measured. */
export interface MetricsOptions {
  /** Before each name in the text for Prometheus. @default "sealwire" */
  readonly prefix?: string;
  /** Upper ends of the buckets of durations, in seconds, rising. @default 1 ms to 10 s */
  readonly buckets?: readonly number[];
  /** Milliseconds that only rise; for tests. @default performance.now */
  readonly now?: () => number;
}

/** How a server does. */
export interface Metrics {
  /** Everything in the text format of Prometheus, for whoever serves it by HTTP. */
  toPrometheus(): string;
  /** Everything as plain values, ready for JSON. */
  toObject(): MetricsSnapshot;
}

/** What was measured since the feature was installed. */
export interface MetricsSnapshot {
  readonly uptimeSeconds: number;
  /** Calls that run now. */
  readonly runningCalls: number;
  readonly procedures: Readonly<Record<string, ProcedureMetrics>>;
  readonly connections: { readonly open: number; readonly total: number };
  /** Of all connections, those that have ended included; events are among the messages. */
  readonly traffic: TrafficStatistics;
  /** On a node of a cluster: the other nodes that are there, and whether its engine is. */
  readonly cluster?: { readonly otherNodes: number; readonly reachable: boolean };
}

/** What was measured of one procedure. */
export interface ProcedureMetrics {
  readonly calls: number;
  /** Calls by how they ended: `OK`, or the code of the error. */
  readonly ends: Readonly<Record<string, number>>;
  readonly averageMs: number;
  /** Seconds → calls that took no longer. */
  readonly buckets: readonly (readonly [seconds: number, calls: number])[];
}

/**
 * Counts calls by procedure and end, with their durations, connections and traffic. A stream
 * counts until its handler has answered with it.
 *
 * @throws `INVALID_ARGUMENT` for an option that makes no sense
 */
export function metrics(options: MetricsOptions = {}): Feature<Metrics> {
  const { prefix = "sealwire", buckets = BUCKETS, now = () => performance.now() } = options;
  if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(prefix)) {
    throw invalidOption("prefix", prefix, "a word of letters, digits and _");
  }
  if (buckets.length === 0 || !buckets.every(rises)) {
    throw invalidOption("buckets", buckets, "a list of rising finite numbers above 0");
  }
  return (host) => {
    const measured = new Measured(buckets, now, new TrafficCounts(host.peers), host.nodes);
    host.use((call, next) => measured.run(call, next));
    host.onConnect(() => measured.connected());
    host.onDisconnect((peer) => measured.disconnected(peer));
    return {
      toObject: () => measured.snapshot,
      toPrometheus: () => prometheusText(familiesOf(prefix, measured.snapshot)),
    };
  };
}

function rises(bound: number, at: number, all: readonly number[]): boolean {
  return Number.isFinite(bound) && bound > (all[at - 1] ?? 0);
}

/** Local calls take less than a millisecond, most remote ones less than a second. */
const BUCKETS: readonly number[] = Object.freeze([
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
]);

class Measured {
  readonly #calls: CallCounts;
  readonly #traffic: TrafficCounts;
  readonly #now: () => number;
  readonly #nodes: Nodes;
  readonly #beganMs: number;
  #running = 0;
  #open = 0;
  #total = 0;

  constructor(buckets: readonly number[], now: () => number, traffic: TrafficCounts, nodes: Nodes) {
    this.#nodes = nodes;
    this.#calls = new CallCounts(buckets);
    this.#traffic = traffic;
    this.#now = now;
    this.#beganMs = now();
  }

  get snapshot(): MetricsSnapshot {
    const procedures = [...this.#calls.procedures].map(
      ([name, { ends, durations }]): readonly [string, ProcedureMetrics] => {
        const { count, sum } = durations;
        const averageMs = count === 0 ? 0 : (1000 * sum) / count;
        const counted = { ends: Object.fromEntries(ends), buckets: durations.cumulative() };
        return [name, { calls: count, averageMs, ...counted }];
      },
    );
    const { self, others, reachable } = this.#nodes;
    return {
      ...(self !== undefined && { cluster: { otherNodes: others.length, reachable } }),
      uptimeSeconds: (this.#now() - this.#beganMs) / 1000,
      runningCalls: this.#running,
      procedures: Object.fromEntries(procedures),
      connections: { open: this.#open, total: this.#total },
      traffic: this.#traffic.total,
    };
  }

  async run(call: Call, next: Next): Promise<unknown> {
    const beganMs = this.#now();
    let end: CallEnd = "OK";
    this.#running += 1;
    try {
      return await next(call);
    } catch (thrown) {
      end = SealwireError.from(thrown, "INTERNAL").code;
      throw thrown;
    } finally {
      this.#running -= 1;
      this.#calls.add(call.procedure, end, (this.#now() - beganMs) / 1000);
    }
  }

  connected(): void {
    this.#open += 1;
    this.#total += 1;
  }

  disconnected(peer: Parameters<TrafficCounts["ended"]>[0]): void {
    this.#open -= 1;
    this.#traffic.ended(peer);
  }
}
