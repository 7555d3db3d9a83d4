import { Connection } from "../../core/engine/connection.ts";
import type { TrafficStatistics } from "../../core/engine/connection-setup.ts";
import type { Peer } from "../../core/model/peer.ts";

/** What went over connections: those that have ended, and those that are open. */
export class TrafficCounts {
  readonly #open: () => Iterable<Peer>;
  #ended = NOTHING;

  constructor(open: () => Iterable<Peer>) {
    this.#open = open;
  }

  get total(): TrafficStatistics {
    let total = this.#ended;
    for (const peer of this.#open()) total = sum(total, statisticsOf(peer));
    return total;
  }

  /** A connection has ended; it is not among the open ones any more. */
  ended(peer: Peer): void {
    this.#ended = sum(this.#ended, statisticsOf(peer));
  }
}

const NOTHING: TrafficStatistics = Object.freeze({
  sentBytes: 0,
  sentMessages: 0,
  receivedBytes: 0,
  receivedMessages: 0,
});

function statisticsOf(peer: Peer): TrafficStatistics {
  return peer instanceof Connection ? peer.statistics : NOTHING;
}

function sum(a: TrafficStatistics, b: TrafficStatistics): TrafficStatistics {
  return {
    sentBytes: a.sentBytes + b.sentBytes,
    sentMessages: a.sentMessages + b.sentMessages,
    receivedBytes: a.receivedBytes + b.receivedBytes,
    receivedMessages: a.receivedMessages + b.receivedMessages,
  };
}
