/** What a link has counted; each kind of hostile or broken datagram has no other effect. */
export interface SrmudpStatistics {
  readonly sentPackets: number;
  readonly repeatedPackets: number;
  readonly receivedPackets: number;
  /** Not a greeting, not a packet of this link, or changed on the way. */
  readonly undecipherable: number;
  /** A greeting whose bytes make no sense: another curve, no key, a point off the curve. */
  readonly malformed: number;
  /** A greeting from a host that is not the peer's. */
  readonly foreign: number;
  /** A greeting whose keys belong to an earlier session, or to none of ours. */
  readonly outdated: number;
  /** A greeting or proof beyond what is answered in so short a time. */
  readonly tooMany: number;
  /** A packet of our own, sent back. */
  readonly reflected: number;
  /** A packet that was here before, or is older than what was here before. */
  readonly replayed: number;
  /** Authentic, but too short or with a number that cannot be meant. */
  readonly senseless: number;
  /** Data beyond what was offered room for. */
  readonly beyondWindow: number;
  /** A size that was not asked for, or outside the time for it. */
  readonly badSizes: number;
}

/** The same while it is counted. */
export type Counters = { -readonly [Name in keyof SrmudpStatistics]: number };

export function newCounters(): Counters {
  return {
    sentPackets: 0,
    repeatedPackets: 0,
    receivedPackets: 0,
    undecipherable: 0,
    malformed: 0,
    foreign: 0,
    outdated: 0,
    tooMany: 0,
    reflected: 0,
    replayed: 0,
    senseless: 0,
    beyondWindow: 0,
    badSizes: 0,
  };
}
