import type { Clock } from "../../core/contracts/clock.ts";
import { type Logger, SILENT } from "../../core/contracts/logger.ts";
import { checkPositive, checkWhole, withDefaults } from "../../core/engine/check-options.ts";

/** What a broker is told. */
export interface BrokerOptions {
  /**
   * Whoever serves procedures must have this scope, because it answers the calls of others; `false`
   * lets all serve who have proven who they are.
   *
   * @default "worker"
   */
  readonly workerScope?: string | false;
  /** Calls that wait for a worker, all procedures together; one more is `RATE_LIMITED`. @default 10_000 */
  readonly maxQueue?: number;
  /** How long a call waits for a worker before it fails with `UNAVAILABLE`. @default 30_000 */
  readonly queueTimeoutMs?: number;
  /** How often one idempotent call is given to a worker that is then lost. @default 3 */
  readonly attempts?: number;
  /** Workers at once; one more is `RATE_LIMITED`. @default 1_000 */
  readonly maxWorkers?: number;
  /** Names that workers may ever have offered; one more is `RATE_LIMITED`. @default 1_000 */
  readonly maxProcedures?: number;
  /** Is told of workers that come, leave and are lost. @default silence */
  readonly logger?: Logger;
  /** Time, for tests. @default the machine's */
  readonly clock?: Clock;
}

/** Options with everything filled in. */
export type BrokerConfig = Required<BrokerOptions>;

/** Defaults of everything. */
export const BROKER_DEFAULTS: BrokerConfig = Object.freeze({
  workerScope: "worker",
  maxQueue: 10_000,
  queueTimeoutMs: 30_000,
  attempts: 3,
  maxWorkers: 1_000,
  maxProcedures: 1_000,
  logger: SILENT,
  clock: Object.freeze({
    now: Date.now,
    after: (ms: number, run: () => void) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  }),
});

/** Fills in and checks. @throws `INVALID_ARGUMENT` naming the option, the value and what is allowed */
export function brokerConfig(options: BrokerOptions): BrokerConfig {
  const config = withDefaults<BrokerConfig>(BROKER_DEFAULTS, options);
  const { maxQueue, attempts, maxWorkers, maxProcedures, queueTimeoutMs } = config;
  checkWhole("maxQueue", maxQueue, 0);
  for (const [name, value] of Object.entries({ attempts, maxWorkers, maxProcedures })) {
    checkWhole(name, value);
  }
  checkPositive({ queueTimeoutMs });
  return config;
}
