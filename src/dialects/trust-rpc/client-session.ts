import { decodeUtf8, encodeUtf8 } from "../../bytes/text.ts";
import type { PythonJson } from "../../codecs/python-json.ts";
import type { Session } from "../../core/contracts/dialect.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { CallId, CallMessage, Message } from "../../core/model/message.ts";
import type { TrustRpcSettings } from "./options.ts";
import { type Answer, answerFrom, parseResponse } from "./responses.ts";
import { Uuids } from "./uuids.ts";

/** The connecting side: calls out, answers in, in whatever order the server gives them. */
export class ClientSession implements Session {
  readonly #settings: TrustRpcSettings;
  readonly #ids = new Uuids();
  /** Lines that wait for theirs: a line has no id, so the first answer is of the first line. */
  #lines: CallId[] = [];

  constructor(settings: TrustRpcSettings) {
    this.#settings = settings;
  }

  nextCallId(): CallId {
    return this.#ids.next();
  }

  decode(frame: Uint8Array): readonly Message[] {
    const { json, chat } = this.#settings;
    const response = chat === undefined ? parseResponse(frame, json) : this.#object(frame);
    const id = response?.id ?? this.#lines.shift();
    // An id that is not ours is nobody's: the original goes on as well.
    if (typeof id !== "string") return [];
    const answer: Answer = response ? answerFrom(response) : { value: textOf(frame) };
    if ("failure" in answer) return [{ kind: "error", id, failure: answer.failure }];
    return [{ kind: "result", id, value: answer.value }];
  }

  encode(batch: readonly Message[]): readonly Uint8Array[] {
    const said = batch.map((message) => this.#said(message));
    const lines = said.filter(({ line }) => line).map(({ id }) => id);
    if (lines.length > 0) this.#lines = [...this.#lines, ...lines];
    return said.map(({ text }) => encodeUtf8(text));
  }

  #said(message: Message): { readonly id: CallId; readonly text: string; readonly line: boolean } {
    if (message.kind !== "call") throw unsayable(message.kind);
    const { json, chat } = this.#settings;
    const line = message.procedure === chat ? lineOf(message) : undefined;
    if (line === undefined) {
      return { id: message.id, text: requestText(message, json), line: false };
    }
    if (this.#isObject(line)) throw ambiguous();
    return { id: message.id, text: line, line: true };
  }

  /** Where lines are spoken: the response in a frame, `undefined` for a line. */
  #object(frame: Uint8Array): ReturnType<typeof parseResponse> | undefined {
    try {
      return parseResponse(frame, this.#settings.json);
    } catch (thrown) {
      if (SealwireError.from(thrown).code === "PROTOCOL_VIOLATION") return undefined;
      throw thrown;
    }
  }

  #isObject(line: string): boolean {
    return line.trimStart().startsWith("{") && this.#object(encodeUtf8(line)) !== undefined;
  }
}

/** The very text of the original client; the id is a UUID of ours. */
function requestText({ id, procedure, args }: CallMessage, json: PythonJson): string {
  const [positional, named] = [json.format(args.positional), json.format(args.named)];
  const params = `{"args": ${positional}, "kwargs": ${named}}`;
  return `{"type": "rpc", "id": "${id}", "method": ${json.format(procedure)}, "params": ${params}}`;
}

/** One text alone is a line; other arguments travel as a call does. */
function lineOf({ args: { positional, named } }: CallMessage): string | undefined {
  const [line] = positional;
  const alone = positional.length === 1 && Object.keys(named).length === 0;
  return alone && typeof line === "string" ? line : undefined;
}

function textOf(frame: Uint8Array): string {
  const text = decodeUtf8(frame);
  if (text !== undefined) return text;
  throw new SealwireError("PROTOCOL_VIOLATION", "the server sent a line that is not UTF-8");
}

function unsayable(kind: string): SealwireError {
  return new SealwireError("UNSUPPORTED", `a trust-rpc client has no words for this: ${kind}`);
}

function ambiguous(): SealwireError {
  return new SealwireError(
    "INVALID_ARGUMENT",
    "a line that is a JSON object would be taken for a request; send another text",
  );
}
