import type { RoomMember } from "./room-item.ts";

/**
 * Receives what members or the server say; `from` is absent for the server. What the first one of
 * a name returns, also in a promise, is the answer where one is asked for.
 */
export type RoomReceiver = (data: unknown, from: RoomMember | undefined) => unknown;

/**
 * - `in`: joined; what is said arrives
 * - `away`: the connection broke; coming back is tried
 * - `missed`: more was said meanwhile than the server keeps; who is here is known again
 * - `out`: left, put out, or refused on coming back
 */
export type RoomStatus = "in" | "away" | "missed" | "out";

/** Whom something is for, by ids of members; the sender itself never gets it. */
export interface EmitOptions {
  /** These alone. @default everybody else */
  readonly to?: readonly string[];
  /** All but these. */
  readonly except?: readonly string[];
}
