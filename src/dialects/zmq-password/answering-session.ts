import { encodeUtf8 } from "../../bytes/text.ts";
import type { PythonJson } from "../../codecs/python-json.ts";
import type { Session } from "../../core/contracts/dialect.ts";
import { OrderedAnswers } from "../../core/engine/ordered-answers.ts";
import { SealwireError } from "../../core/model/errors.ts";
import {
  type CallId,
  type CallMessage,
  type Message,
  NO_ARGUMENTS,
} from "../../core/model/message.ts";
import { type Asked, textOf } from "./errors.ts";
import { formatFailure, formatResult, MALFORMED, parseRequest } from "./messages.ts";

/**
 * The server's side of one connection. The original's clients have one request open; whoever
 * pipelines gets the answers in the order of the requests, for nothing on the wire tells which is
 * which.
 */
export class AnsweringSession implements Session {
  readonly #json: PythonJson;
  readonly #answers = new OrderedAnswers();
  /** What was asked in each open call. */
  readonly #asked = new Map<CallId, Asked>();

  constructor(json: PythonJson) {
    this.#json = json;
  }

  get heldAnswers(): number {
    return this.#answers.held;
  }

  nextCallId(): CallId {
    throw unsaid("a call from the server");
  }

  decode(frame: Uint8Array): readonly [CallMessage] {
    const id = this.#answers.open();
    try {
      const { password, args, asked } = parseRequest(this.#json, frame);
      this.#asked.set(id, asked);
      const evidence = { scheme: "password", password } as const;
      return [{ kind: "call", id, procedure: asked.func, args, evidence }];
    } catch (thrown) {
      // The original names the fault to everybody: it parses before it looks at the password.
      const failure = SealwireError.from(thrown, "PROTOCOL_VIOLATION").toFailure();
      return [{ kind: "call", id, procedure: MALFORMED, args: NO_ARGUMENTS, settled: { failure } }];
    }
  }

  encode(batch: readonly Message[]): readonly Uint8Array[] {
    // All of it before anything is given away: one that cannot be said changes nothing.
    const formatted = batch.map((message) => this.#format(message));
    return formatted.flatMap(({ id, frame }) => {
      this.#asked.delete(id);
      return this.#answers.answer(id, frame);
    });
  }

  #format(message: Message): { readonly id: number; readonly frame: Uint8Array } {
    if (message.kind !== "result" && message.kind !== "error") throw unsaid(message.kind);
    const text =
      message.kind === "result"
        ? formatResult(this.#json, message.value)
        : formatFailure(this.#json, textOf(message.failure, this.#asked.get(message.id)));
    return { id: Number(message.id), frame: encodeUtf8(text) };
  }
}

function unsaid(what: string): SealwireError {
  return new SealwireError("UNSUPPORTED", `this wire has no form for ${what}`);
}
