import { fieldsOf } from "../../core/engine/fields.ts";
import { ERROR_CODES } from "../../core/model/errors.ts";
import { PRESENCE_CHANGES, type RoomAnswers, type RoomItem, type RoomMember } from "./room-item.ts";

/** What a server told of a room, or `undefined` if it cannot be understood. */
export function readItem(value: unknown): RoomItem | undefined {
  const { kind, room, seq, ...rest } = fieldsOf(value);
  if (typeof room !== "string") return undefined;
  if (kind === "out") return { kind, room, reason: String(rest["reason"] ?? "") };
  if (!isCount(seq)) return undefined;
  if (kind === "here") return { kind, room, seq, members: readMembers(rest["members"]) };
  if (kind === "presence") {
    const change = PRESENCE_CHANGES.find((known) => known === rest["change"]);
    const member = readMember(rest["member"]);
    return change && member && { kind, room, seq, change, member };
  }
  if (kind !== "event" || typeof rest["name"] !== "string") return undefined;
  const { name, data, from, ask } = rest;
  return {
    ...{ kind, room, seq, name, data },
    ...(typeof from === "string" && { from }),
    ...(isCount(ask) && { ask }),
  };
}

/** What a server answered to somebody who joins. */
export interface Joined {
  readonly member: string;
  readonly ticket: string;
  readonly seq: number;
  /** Goes on where it was: everything that was missed follows. */
  readonly recovered: boolean;
  readonly members: readonly RoomMember[];
}

/** The same, checked; `undefined` for what is none. */
export function readJoined(value: unknown): Joined | undefined {
  const { member, ticket, seq, recovered, members } = fieldsOf(value);
  if (typeof member !== "string" || typeof ticket !== "string" || !isCount(seq)) return undefined;
  const all = readMembers(members);
  return { member, ticket, seq, recovered: recovered === true, members: all };
}

/** The members that a server lists; what is none falls. */
export function readMembers(value: unknown): readonly RoomMember[] {
  if (!Array.isArray(value)) return [];
  return value.map(readMember).filter((member) => member !== undefined);
}

/** Answers to a question. */
export function readAnswers(value: unknown): RoomAnswers {
  const { answers, failed } = fieldsOf(value);
  return {
    answers: listOf(answers).map(({ member, value }) => ({ member: String(member), value })),
    failed: listOf(failed).map(({ member, code, message }) => ({
      member: String(member),
      code: ERROR_CODES.find((known) => known === code) ?? "UNKNOWN",
      message: String(message),
    })),
  };
}

function readMember(value: unknown): RoomMember | undefined {
  const { id, user, data, away } = fieldsOf(value);
  if (typeof id !== "string") return undefined;
  return {
    id,
    ...((typeof user === "string" || typeof user === "number") && { user }),
    ...(data !== undefined && data !== null && { data }),
    away: away === true,
  };
}

function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
