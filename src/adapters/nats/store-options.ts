import { checkWhole, wholeLimits } from "../../core/engine/check-options.ts";
import type { NatsOptions } from "./options.ts";

/** How a bucket of NATS keeps state. What the bucket is like is decided when it is first made. */
export interface NatsStoreOptions extends NatsOptions {
  /**
   * Servers of a NATS cluster that have each entry. With 3 one may be lost.
   *
   * @default 1
   */
  readonly replicas?: number;
  /**
   * Changes of each key that are kept for nodes that lag behind. Who lags further is told so, and
   * begins anew with what is there.
   *
   * @default 16
   */
  readonly history?: number;
  /**
   * What the bucket may take on the disk of NATS, history included, and about as much as each node
   * may need in memory. Full, it refuses writes with `UNAVAILABLE`.
   *
   * @default 1_073_741_824
   */
  readonly maxBytes?: number;
  /**
   * How long one write may take before it fails with `UNAVAILABLE`; whether it was done is then
   * not known.
   *
   * @default 10_000
   */
  readonly writeTimeoutMs?: number;
}

/** The limits of a bucket. */
export type BucketLimits = Required<
  Pick<NatsStoreOptions, "replicas" | "history" | "maxBytes" | "writeTimeoutMs">
>;

/** Where the application says nothing. */
export const BUCKET_DEFAULTS: BucketLimits = Object.freeze({
  replicas: 1,
  history: 16,
  maxBytes: 1_073_741_824,
  writeTimeoutMs: 10_000,
});

/** @throws `INVALID_ARGUMENT` naming the option */
export function bucketLimits(options: NatsStoreOptions): BucketLimits {
  const limits = wholeLimits(BUCKET_DEFAULTS, options);
  checkWhole("replicas", limits.replicas, 1, 5);
  checkWhole("history", limits.history, 1, 64);
  return limits;
}
