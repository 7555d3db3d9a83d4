import type { ErrorCode } from "../../core/model/errors.ts";

/** The event by which a server tells members what happens in their room. */
export const ROOM_EVENT = "$room";

/** Somebody in a room, as the others see it. */
export interface RoomMember {
  /** Stays the same when the member comes back within the time of grace. */
  readonly id: string;
  /** Who it has proven to be; absent for those who have proven nothing. */
  readonly user?: string | number;
  /** What it says of itself. */
  readonly data?: unknown;
  /** Its connection broke; it may come back. */
  readonly away: boolean;
}

/** What can happen to a member. */
export type PresenceChange = "joined" | "left" | "away" | "back" | "changed";

/** Every presence change, for checks of what arrives. */
export const PRESENCE_CHANGES: readonly PresenceChange[] = Object.freeze([
  "joined",
  "left",
  "away",
  "back",
  "changed",
]);

/** One thing that happened in a room; `seq` counts them. `from` is absent when it was the server. */
export type RoomItem =
  | RoomEventItem
  | ({ readonly kind: "presence"; readonly room: string; readonly seq: number } & Presence)
  | {
      readonly kind: "here";
      readonly room: string;
      readonly seq: number;
      readonly members: readonly RoomMember[];
    }
  | { readonly kind: "out"; readonly room: string; readonly reason: string };

/** An event of a member or of the server; with `ask` it wants an answer. */
export interface RoomEventItem {
  readonly kind: "event";
  readonly room: string;
  readonly seq: number;
  readonly name: string;
  readonly data?: unknown;
  readonly from?: string;
  readonly ask?: number;
}

/** A change and whom it is about. */
export interface Presence {
  readonly change: PresenceChange;
  readonly member: RoomMember;
}

/** What members answered to a question, and who did not. */
export interface RoomAnswers {
  readonly answers: readonly { readonly member: string; readonly value: unknown }[];
  readonly failed: readonly RoomSilence[];
}

/** Why a member gave no answer: it failed, has left, or took too long. */
export interface RoomSilence {
  readonly member: string;
  readonly code: ErrorCode;
  readonly message: string;
}
