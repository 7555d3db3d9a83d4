import type { MsgpackCodec } from "../../codecs/msgpack.ts";
import { fieldsOf } from "../../core/engine/fields.ts";
import { NODE_ID } from "./options.ts";

/** What a way between two nodes is for: calls, or a peer's channel that is led to its session. */
export type Purpose = "calls" | "session";

/** Names one way between two nodes; `mine`: the node that says this has opened it. */
export interface WayName {
  readonly way: number;
  readonly mine: boolean;
}

/** Everything that two nodes can say to each other. */
export type NodeMessage =
  /** I am there; `seq` counts what I have said to all. `answer`: to your own hello. */
  | {
      readonly kind: "hello";
      readonly seq: number;
      readonly load: number;
      readonly answer: boolean;
    }
  | { readonly kind: "bye" }
  /** Are you there? As a request, which is replied to. */
  | { readonly kind: "probe" }
  /** For those who take this topic; with a number when it was said to all. */
  | {
      readonly kind: "said";
      readonly topic: string;
      readonly value: unknown;
      readonly seq?: number;
    }
  /** I do not know all that you have said: tell me again. */
  | { readonly kind: "missed" }
  /** That was all; `count` is how much was said to you alone until now. */
  | { readonly kind: "told"; readonly count: number }
  | { readonly kind: "open"; readonly way: number; readonly purpose: Purpose }
  | ({
      readonly kind: "data";
      readonly count: number;
      readonly bytes: Uint8Array;
      /** The chunk goes on in the next one. */
      readonly more: boolean;
    } & WayName)
  /** So many bytes were taken: as many more may come. */
  | ({ readonly kind: "taken"; readonly bytes: number } & WayName)
  | ({ readonly kind: "closed"; readonly reason?: string } & WayName);

/** Who says it: the node, and which of its lives, because a name comes back after a restart. */
export interface Sender {
  readonly node: string;
  /** Eight bytes as hexadecimal digits, new with each start. */
  readonly life: string;
}

/** Something from another node; without a message, of a kind that only newer ones know. */
export interface Received extends Sender {
  readonly kind: string;
  readonly message: NodeMessage | undefined;
}

/** @throws `INVALID_ARGUMENT`, `TOO_LARGE` for what cannot travel */
export function formatNodeMessage(
  codec: MsgpackCodec,
  { node, life }: Sender,
  message: NodeMessage,
): Uint8Array {
  return codec.encode({ node, life, ...message });
}

/** `undefined` for what no node says. @throws `PROTOCOL_VIOLATION`, `TOO_LARGE` */
export function readNodeMessage(codec: MsgpackCodec, payload: Uint8Array): Received | undefined {
  const fields = fieldsOf(codec.decode(payload));
  const { node, life, kind } = fields;
  if (typeof node !== "string" || !NODE_ID.test(node) || typeof kind !== "string") return undefined;
  if (typeof life !== "string" || !/^[0-9a-f]{16}$/.test(life)) return undefined;
  return { node, life, kind: kind.slice(0, 32), message: messageFrom(kind, fields) };
}

function messageFrom(
  kind: string,
  fields: Readonly<Record<string, unknown>>,
): NodeMessage | undefined {
  if (kind === "bye" || kind === "probe" || kind === "missed") return { kind };
  if (kind === "hello") return helloFrom(fields);
  if (kind === "told") {
    const { count } = fields;
    return isCount(count) ? { kind, count } : undefined;
  }
  if (kind === "said") return saidFrom(fields);
  if (kind === "open") {
    const { way, purpose } = fields;
    if (!isCount(way) || (purpose !== "calls" && purpose !== "session")) return undefined;
    return { kind, way, purpose };
  }
  return wayMessageFrom(kind, fields);
}

function helloFrom({ seq, load, answer }: Readonly<Record<string, unknown>>) {
  if (!isCount(seq) || !isCount(load)) return undefined;
  return { kind: "hello", seq, load, answer: answer === true } as const;
}

function saidFrom({ topic, value, seq }: Readonly<Record<string, unknown>>) {
  if (typeof topic !== "string" || topic.length > 64) return undefined;
  return { kind: "said", topic, value, ...(isCount(seq) && { seq }) } as const;
}

function wayMessageFrom(
  kind: string,
  { way, mine, count, bytes, more, reason }: Readonly<Record<string, unknown>>,
): NodeMessage | undefined {
  if (!isCount(way) || typeof mine !== "boolean") return undefined;
  const name = { way, mine };
  if (kind === "data" && isCount(count) && bytes instanceof Uint8Array) {
    return { kind, ...name, count, bytes, more: more === true };
  }
  if (kind === "taken" && isCount(bytes)) return { kind, ...name, bytes };
  if (kind !== "closed") return undefined;
  return { kind, ...name, ...(typeof reason === "string" && { reason: reason.slice(0, 500) }) };
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
