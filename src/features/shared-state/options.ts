import { wholeLimits } from "../../core/engine/check-options.ts";

/** What the shared variables of one server, or those known to one client, may cost. */
export interface StateLimits {
  /** Variables that are kept; one more is refused with `TOO_LARGE`. @default 10_000 */
  readonly maxVariables: number;
  /** About how many bytes one value takes; a larger one is refused. @default 1_048_576 */
  readonly maxValueBytes: number;
  /** About how many bytes all values take together; beyond it they are refused. @default 67_108_864 */
  readonly maxBytes: number;
}

/** The longest name of a variable, as of procedures and events. */
export const MAX_NAME_LENGTH = 256;

/** The limits that hold unless an option says otherwise. */
export const DEFAULT_STATE_LIMITS: StateLimits = Object.freeze({
  maxVariables: 10_000,
  maxValueBytes: 1_048_576,
  maxBytes: 67_108_864,
});

/** Fills in and checks. @throws `INVALID_ARGUMENT` naming the option, the value and what is allowed */
export function stateLimits(options: Partial<StateLimits>): StateLimits {
  return wholeLimits(DEFAULT_STATE_LIMITS, options);
}
