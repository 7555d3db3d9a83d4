import { isFields } from "../../core/engine/fields.ts";
import { ERROR_CODES } from "../../core/model/errors.ts";
import type { Answer } from "./asks.ts";
import type { MemberTold } from "./member.ts";
import { isName } from "./names.ts";

/** What nodes of a cluster tell each other of their rooms. */
export type NodeWord =
  /** Something is new of a member that the node has. */
  | { readonly kind: "member"; readonly room: string; readonly member: MemberTold }
  | { readonly kind: "left"; readonly room: string; readonly member: string }
  /** Now follow all members that the node has, as `member`; then comes `end`. */
  | { readonly kind: "begin" }
  | { readonly kind: "end" }
  | NodeEvent
  | {
      readonly kind: "answer";
      readonly ask: number;
      readonly member: string;
      readonly answer: Answer;
    }
  /** Put out a member that you have. */
  | {
      readonly kind: "out";
      readonly room: string;
      readonly member: string;
      readonly reason: string;
    };

/** An event for the members of a room; with `ask` they shall answer within `timeoutMs`. */
export interface NodeEvent {
  readonly kind: "event";
  readonly room: string;
  readonly name: string;
  readonly data?: unknown;
  readonly from?: string;
  readonly ask?: number;
  readonly timeoutMs?: number;
  readonly to?: readonly string[];
  readonly except?: readonly string[];
}

/** What another node told, or `undefined` if it cannot be understood. */
export function readNodeWord(value: unknown): NodeWord | undefined {
  if (!isFields(value)) return undefined;
  const { kind, room, member } = value;
  if (kind === "begin" || kind === "end") return { kind };
  if (kind === "answer") return answerFrom(value);
  if (!isName(room)) return undefined;
  if (kind === "event") return eventFrom(room, value);
  if (kind === "member") {
    const told = toldFrom(member);
    return told && { kind, room, member: told };
  }
  if (!isId(member)) return undefined;
  if (kind === "left") return { kind, room, member };
  return kind === "out"
    ? { kind, room, member, reason: String(value["reason"]).slice(0, 1_000) }
    : undefined;
}

type Fields = Readonly<Record<string, unknown>>;

function toldFrom(value: unknown): MemberTold | undefined {
  if (!isFields(value)) return undefined;
  const { id, user, data, away, proof, epoch, version } = value;
  if (!isId(id) || typeof proof !== "string" || !isCount(epoch) || !isCount(version)) {
    return undefined;
  }
  return {
    ...{ id, data: data ?? undefined, away: away === true, proof, epoch, version },
    ...((typeof user === "string" || typeof user === "number") && { user }),
  };
}

function eventFrom(room: string, fields: Fields): NodeEvent | undefined {
  const { name, data, from, ask, timeoutMs, to, except } = fields;
  if (!isName(name)) return undefined;
  return {
    ...{ kind: "event", room, name, data },
    ...(isId(from) && { from }),
    ...(isCount(ask) && { ask }),
    ...(typeof timeoutMs === "number" && timeoutMs > 0 && { timeoutMs }),
    ...(Array.isArray(to) && { to: to.filter(isId) }),
    ...(Array.isArray(except) && { except: except.filter(isId) }),
  };
}

function answerFrom({ ask, member, answer }: Fields): NodeWord | undefined {
  if (!isCount(ask) || !isId(member) || !isFields(answer)) return undefined;
  const { failure, value } = answer;
  if (!isFields(failure)) return { kind: "answer", ask, member, answer: { value } };
  const code = ERROR_CODES.find((known) => known === failure["code"]) ?? "UNKNOWN";
  const message = String(failure["message"]).slice(0, 1_000);
  return { kind: "answer", ask, member, answer: { failure: { code, message } } };
}

function isId(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= 100;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
