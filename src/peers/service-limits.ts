import { wholeLimits } from "../core/engine/check-options.ts";

/** What a rendezvous and a relay let one address, topic or session have. */
export interface ServiceLimits {
  /** Messages of one network at once; more are dropped. @default 400 */
  readonly burstPerNetwork: number;
  /** And per second. @default 100 */
  readonly messagesPerSecond: number;
  /** Topics with somebody in them; more are refused. @default 10_000 */
  readonly maxTopics: number;
  /** Peers of one topic; more are refused. @default 64 */
  readonly maxPeersPerTopic: number;
  /** Peers of one network; more are refused. @default 256 */
  readonly maxPeersPerNetwork: number;
  /** Signals per second within one topic; more are dropped. @default 50 */
  readonly signalsPerSecond: number;
  /** Pairs that are relayed at once; more are refused. @default 1_000 */
  readonly maxRelayed: number;
  /** What one pair may have relayed; then it ends. @default 4_294_967_296 */
  readonly maxBytesPerSession: number;
  /** And per second; what comes faster is dropped. @default 12_500_000 */
  readonly bytesPerSecond: number;
}

/** The defaults. */
export const SERVICE_LIMITS: ServiceLimits = Object.freeze({
  burstPerNetwork: 400,
  messagesPerSecond: 100,
  maxTopics: 10_000,
  maxPeersPerTopic: 64,
  maxPeersPerNetwork: 256,
  signalsPerSecond: 50,
  maxRelayed: 1_000,
  maxBytesPerSession: 4_294_967_296,
  bytesPerSecond: 12_500_000,
});

/** Fills in and checks. @throws `INVALID_ARGUMENT` naming the limit, the value and what is allowed */
export function serviceLimits(given: Partial<ServiceLimits> = {}): ServiceLimits {
  return wholeLimits(SERVICE_LIMITS, given);
}
