import type { ProcedureOptions } from "../../core/contracts/feature.ts";
import { checkWhole, checkWord, withDefaults } from "../../core/engine/check-options.ts";

/** What a server says of its streams. */
export interface StreamsOptions {
  /** Items that wait for one slow subscriber. @default 100 */
  readonly bufferItems?: number;
  /**
   * When that many wait: whether `push` waits for room, or the oldest item falls.
   *
   * @default "drop-oldest"
   */
  readonly slow?: SlowSubscriber;
  /** All streams together; more are refused. @default 1_000 */
  readonly maxStreams?: number;
  /** Streams that one client may have created. @default 16 */
  readonly maxStreamsPerPeer?: number;
  /** Whether clients may create streams. @default true */
  readonly clientsCreate?: boolean;
  /** Who may list, subscribe and create. @default all who have proven who they are */
  readonly access?: Pick<ProcedureOptions, "public" | "scopes">;
  /** Milliseconds since the epoch; for tests. @default Date.now */
  readonly now?: () => number;
}

/** What happens when a subscriber does not keep up. */
export type SlowSubscriber = "block" | "drop-oldest";

/** Defaults of everything. */
export const STREAMS_DEFAULTS: Required<StreamsOptions> = Object.freeze({
  bufferItems: 100,
  slow: "drop-oldest",
  maxStreams: 1_000,
  maxStreamsPerPeer: 16,
  clientsCreate: true,
  access: Object.freeze({}),
  now: Date.now,
});

/** Fills in and checks. @throws `INVALID_ARGUMENT` naming the option, the value and what is allowed */
export function streamsConfig(options: StreamsOptions): Required<StreamsOptions> {
  const config = withDefaults(STREAMS_DEFAULTS, options);
  checkWhole("bufferItems", config.bufferItems);
  checkWhole("maxStreams", config.maxStreams);
  checkWhole("maxStreamsPerPeer", config.maxStreamsPerPeer);
  checkWord("slow", config.slow, ["block", "drop-oldest"]);
  return config;
}
