import type { Clock } from "../../core/contracts/clock.ts";
import { type Logger, SILENT } from "../../core/contracts/logger.ts";
import { checkPositive, wholeLimits } from "../../core/engine/check-options.ts";
import { type RoomRules, RuleBook } from "./rules.ts";

/** What rooms may cost a server. */
export interface RoomLimits {
  /** Rooms that somebody is in; one more is refused with `RATE_LIMITED`. @default 10_000 */
  readonly maxRooms: number;
  /** Rooms that one peer is in; one more is refused with `RATE_LIMITED`. @default 100 */
  readonly maxRoomsPerPeer: number;
  /**
   * Members of one room. When it is full, the one that is away for longest makes room; if nobody
   * is away, joining is refused with `RATE_LIMITED`.
   *
   * @default 1_000
   */
  readonly maxMembers: number;
  /** About how many bytes a member may say of itself; more is `TOO_LARGE`. @default 1_024 */
  readonly maxDataBytes: number;
  /** About how many bytes one event, and one answer, takes; more is `TOO_LARGE`. @default 65_536 */
  readonly maxEventBytes: number;
  /**
   * The last events of a room that are kept for members that are slow, or away. Who falls further
   * behind misses some, and is told so. @default 256
   */
  readonly keptEvents: number;
  /** About how many bytes the kept events of one room take; beyond it they fall. @default 1_048_576 */
  readonly keptBytes: number;
  /** The same of all rooms together. @default 67_108_864 */
  readonly keptBytesOfAll: number;
  /** Questions of one peer that wait for answers; one more is `RATE_LIMITED`. @default 16 */
  readonly maxAsksPerPeer: number;
  /** About how many bytes the answers to one question take together. @default 1_048_576 */
  readonly maxAnswersBytes: number;
}

/** What a server says of its rooms. */
export interface RoomsOptions extends Partial<RoomLimits> {
  /** Rooms with rules of their own, by name; a name ending in `*` stands for all that begin so. */
  readonly declare?: Readonly<Record<string, RoomRules>>;
  /** Whether clients may open rooms that nobody declared. @default "allow" */
  readonly undeclared?: "allow" | "refuse";
  /**
   * How long a member whose connection broke is shown as away, and may come back as the same one.
   * Longer forgives worse networks and shows longer who has gone for good.
   *
   * @default 10_000
   */
  readonly graceMs?: number;
  /** How long answers to a question are waited for, at most. @default 30_000 */
  readonly maxAskMs?: number;
  /** Whether members see each other's proven names, the ids of their principals. @default true */
  readonly users?: boolean;
  /** Where it is told that a hook failed. @default silence */
  readonly logger?: Logger;
  /** For tests. @default the machine's */
  readonly clock?: Clock;
}

/** The options with everything filled in and checked. */
export interface RoomsConfig {
  readonly limits: RoomLimits;
  readonly rules: RuleBook;
  readonly graceMs: number;
  readonly maxAskMs: number;
  readonly users: boolean;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** The limits that hold unless an option says otherwise. */
export const DEFAULT_ROOM_LIMITS: RoomLimits = Object.freeze({
  maxRooms: 10_000,
  maxRoomsPerPeer: 100,
  maxMembers: 1_000,
  maxDataBytes: 1_024,
  maxEventBytes: 65_536,
  keptEvents: 256,
  keptBytes: 1_048_576,
  keptBytesOfAll: 67_108_864,
  maxAsksPerPeer: 16,
  maxAnswersBytes: 1_048_576,
});

/** Every number that holds unless an option says otherwise. */
export const ROOMS_DEFAULTS: RoomLimits & { readonly graceMs: number; readonly maxAskMs: number } =
  Object.freeze({ ...DEFAULT_ROOM_LIMITS, graceMs: 10_000, maxAskMs: 30_000 });

/** Fills in and checks. @throws `INVALID_ARGUMENT` naming the option, the value and what is allowed */
export function roomsConfig(options: RoomsOptions): RoomsConfig {
  const { graceMs = ROOMS_DEFAULTS.graceMs, maxAskMs = ROOMS_DEFAULTS.maxAskMs } = options;
  const { users = true, logger = SILENT, clock = MACHINE_CLOCK } = options;
  checkPositive({ graceMs, maxAskMs });
  const limits = wholeLimits(DEFAULT_ROOM_LIMITS, options);
  const rules = new RuleBook(options.declare ?? {}, options.undeclared ?? "allow");
  return { limits, rules, graceMs, maxAskMs, users, logger, clock };
}

const MACHINE_CLOCK: Clock = Object.freeze({
  now: Date.now,
  after: (ms: number, run: () => void) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
});
