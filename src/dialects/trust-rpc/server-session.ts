import { encodeUtf8 } from "../../bytes/text.ts";
import type { Session } from "../../core/contracts/dialect.ts";
import { OrderedAnswers } from "../../core/engine/ordered-answers.ts";
import { SealwireError } from "../../core/model/errors.ts";
import {
  type CallId,
  type CallMessage,
  type Message,
  NO_ARGUMENTS,
} from "../../core/model/message.ts";
import type { Principal } from "../../core/model/peer.ts";
import { errorText } from "./errors.ts";
import type { TrustRpcSettings } from "./options.ts";
import { NO_ID, parseRequest, type Request } from "./requests.ts";

/** What is kept of a request until its answer leaves. */
interface Asked {
  readonly id: string;
  readonly procedure: string;
  readonly line: boolean;
}

/** The accepting side: requests in, answers out in the order of the requests. */
export class ServerSession implements Session {
  readonly principal: Principal;
  readonly #settings: TrustRpcSettings;
  readonly #answers = new OrderedAnswers();
  readonly #asked = new Map<CallId, Asked>();

  constructor(principal: Principal, settings: TrustRpcSettings) {
    this.principal = principal;
    this.#settings = settings;
  }

  get heldAnswers(): number {
    return this.#answers.held;
  }

  /** @throws `UNSUPPORTED`: on this wire only clients call */
  nextCallId(): CallId {
    throw unsayable("call");
  }

  decode(frame: Uint8Array): readonly CallMessage[] {
    const { json, chat } = this.#settings;
    const request = parseRequest(frame, json, chat);
    // Ids of clients may be any value, and twice the same: calls are known by our own.
    const id = this.#answers.open();
    this.#asked.set(id, askedBy(request));
    return [callFrom(id, request)];
  }

  encode(batch: readonly Message[]): readonly Uint8Array[] {
    const answers = batch.map((message) => this.#answerTo(message));
    return answers.flatMap(({ id, frame }) => {
      this.#asked.delete(id);
      return this.#answers.answer(id, frame);
    });
  }

  #answerTo(message: Message): { readonly id: number; readonly frame: Uint8Array } {
    if (message.kind !== "result" && message.kind !== "error") throw unsayable(message.kind);
    const { id } = message;
    const asked = this.#asked.get(id);
    if (!asked || typeof id !== "number") throw unasked(id);
    return { id, frame: encodeUtf8(this.#textOf(message, asked)) };
  }

  /** All three keys in each answer, in the order of the original. */
  #textOf(
    message: Extract<Message, { readonly kind: "result" | "error" }>,
    { id, procedure, line }: Asked,
  ): string {
    const { json } = this.#settings;
    if (message.kind === "error") {
      const error = json.format(errorText(message.failure, procedure));
      return `{"id": ${id}, "result": null, "error": ${error}}`;
    }
    if (line && typeof message.value === "string") return message.value;
    const result = json.format(message.value);
    return line ? result : `{"id": ${id}, "result": ${result}, "error": null}`;
  }
}

/** So much of a name comes back in an error: it waits with the answer. */
const MAX_NAME_LENGTH = 200;

function askedBy(request: Request): Asked {
  if (request.kind === "refused") return { id: request.id, procedure: "", line: false };
  const procedure = request.procedure.slice(0, MAX_NAME_LENGTH);
  if (request.kind === "line") return { id: NO_ID, procedure, line: true };
  return { id: request.id, procedure, line: false };
}

function callFrom(id: number, request: Request): CallMessage {
  if (request.kind !== "refused") {
    return { kind: "call", id, procedure: request.procedure, args: request.args };
  }
  const { failure } = request;
  return { kind: "call", id, procedure: "", args: NO_ARGUMENTS, settled: { failure } };
}

function unsayable(kind: string): SealwireError {
  return new SealwireError("UNSUPPORTED", `a trust-rpc server has no words for this: ${kind}`);
}

function unasked(id: CallId): SealwireError {
  return new SealwireError("INVALID_ARGUMENT", `nobody asked under the id ${id}`);
}
