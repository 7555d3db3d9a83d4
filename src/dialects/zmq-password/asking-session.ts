import { encodeUtf8 } from "../../bytes/text.ts";
import type { PythonJson } from "../../codecs/python-json.ts";
import type { Session } from "../../core/contracts/dialect.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { CallId, CallMessage, Message } from "../../core/model/message.ts";
import { formatRequest, parseReply } from "./messages.ts";

/** A call whose answer has not come. */
type Asked = Pick<CallMessage, "id" | "procedure">;

/**
 * The client's side of one connection: answers belong to calls by their order. The engine keeps one
 * call open, since a server of several workers may answer several in any order.
 */
export class AskingSession implements Session {
  readonly #json: PythonJson;
  readonly #password: string;
  readonly #asked: Asked[] = [];
  #lastId = 0;

  constructor(json: PythonJson, password: string) {
    this.#json = json;
    this.#password = password;
  }

  nextCallId(): CallId {
    this.#lastId += 1;
    return this.#lastId;
  }

  decode(frame: Uint8Array): readonly Message[] {
    const asked = this.#asked.shift();
    if (!asked)
      throw new SealwireError("PROTOCOL_VIOLATION", "an answer came that nobody asked for");
    const { id, procedure } = asked;
    const reply = parseReply(this.#json, frame, procedure);
    if ("failure" in reply) return [{ kind: "error", id, failure: reply.failure }];
    return [{ kind: "result", id, value: reply.value }];
  }

  encode(batch: readonly Message[]): readonly Uint8Array[] {
    const calls = batch.map((message) => {
      if (message.kind !== "call") throw unsaid(message.kind);
      if (message.streaming) throw unsaid("a stream of arguments");
      return message;
    });
    const frames = calls.map(({ procedure, args }) =>
      encodeUtf8(formatRequest(this.#json, this.#password, procedure, args)),
    );
    this.#asked.push(...calls);
    return frames;
  }
}

function unsaid(what: string): SealwireError {
  return new SealwireError("UNSUPPORTED", `this wire has no form for ${what}`);
}
