import { checkWhole, withDefaults } from "../../core/engine/check-options.ts";

/** How many threads there are and what they may cost. */
export interface PiscinaOptions {
  /** All are started with the first task; one that dies is replaced. @default 4 */
  readonly threads?: number;
  /** Tasks that wait for a thread; one more is refused with `RATE_LIMITED`. @default 1_000 */
  readonly maxQueue?: number;
  /**
   * How much memory the values of one thread may take, in MiB. A task that wants more loses its
   * thread and fails with `UNAVAILABLE`. @default 512
   */
  readonly maxMemoryMb?: number;
}

/** Defaults of everything. */
export const PISCINA_DEFAULTS: Required<PiscinaOptions> = Object.freeze({
  threads: 4,
  maxQueue: 1_000,
  maxMemoryMb: 512,
});

/** Fills in and checks. @throws `INVALID_ARGUMENT` naming the option, the value and what is allowed */
export function piscinaConfig(options: PiscinaOptions): Required<PiscinaOptions> {
  const config = withDefaults<Required<PiscinaOptions>>(PISCINA_DEFAULTS, options);
  checkWhole("threads", config.threads, 1, 1_024);
  checkWhole("maxQueue", config.maxQueue, 0);
  checkWhole("maxMemoryMb", config.maxMemoryMb);
  return config;
}
