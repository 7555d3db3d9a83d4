import { SealwireError } from "../../core/model/errors.ts";
import {
  type CallId,
  type CallMessage,
  type Message,
  NO_ARGUMENTS,
} from "../../core/model/message.ts";
import { formatAnswer, wrapError, wrapResult } from "./answers.ts";
import { DESCRIBE, formatListing, LISTALL } from "./discovery.ts";
import { formatFailure } from "./errors.ts";
import { type CorrelationId, FRAME_TYPES } from "./frame.ts";
import type { Content } from "./payload.ts";
import { parseRequest } from "./requests.ts";

/** The result or the error of a request. */
export type AnswerMessage = Extract<Message, { readonly kind: "result" | "error" }>;

/** A request that has not been answered yet. */
interface OpenRequest {
  readonly correlation: CorrelationId;
  readonly method: string | undefined;
}

/**
 * The requests of the other side that wait for their answers, under ids of our own: peers may repeat
 * theirs, which the original does not mind because it handles one request after the other.
 */
export class OpenRequests {
  readonly #open = new Map<CallId, OpenRequest>();
  readonly #nextId: () => CallId;

  /** `nextId`: names requests so that none is taken for a call of ours. */
  constructor(nextId: () => CallId) {
    this.#nextId = nextId;
  }

  /** The call that a request means. */
  callOf(correlation: CorrelationId, payload: unknown): CallMessage {
    const { method, args } = parseRequest(payload);
    const id = this.#nextId();
    this.#open.set(id, { correlation, method });
    if (method === undefined) {
      return { kind: "call", id, procedure: "", args: NO_ARGUMENTS, settled: NO_METHOD };
    }
    if (method !== LISTALL) return { kind: "call", id, procedure: method, args };
    return { kind: "call", id, procedure: DESCRIBE, args: NO_ARGUMENTS };
  }

  /** The answer as it travels. May be asked for several times before `close`. */
  contentOf(message: AnswerMessage): Content {
    const open = this.#open.get(message.id);
    if (!open) throw new SealwireError("INTERNAL", "an answer to a request that is not open");
    const { correlation, method } = open;
    const wrapper =
      message.kind === "error"
        ? wrapError(formatFailure(message.failure, method))
        : wrapResult(method === LISTALL ? formatListing(message.value) : message.value);
    // Type 3 for errors too: of type 4 the original client throws, which its callers do not expect.
    return { type: FRAME_TYPES.rpcResponse, id: correlation, value: formatAnswer(wrapper) };
  }

  /** Forgets the request that a message has answered; other messages change nothing. */
  close(message: Message): void {
    if (isAnswer(message)) this.#open.delete(message.id);
  }
}

/** Whether a message answers a request. */
export function isAnswer(message: Message): message is AnswerMessage {
  return message.kind === "result" || message.kind === "error";
}

/** What the original says of a request without a method, or that is no map. */
const NO_METHOD: NonNullable<CallMessage["settled"]> = {
  failure: { code: "NOT_FOUND", message: "no method", type: "UnknownProcedure" },
};
