import { encodeUtf8 } from "../../bytes/text.ts";
import type { PythonJson } from "../../codecs/python-json.ts";
import { type Failure, SealwireError } from "../../core/model/errors.ts";
import type { CallId, Message } from "../../core/model/message.ts";
import { UPDATE_SHARED_VAR } from "./builtin.ts";
import { errorText } from "./errors.ts";
import { eventText } from "./messages.ts";
import type { NaclBoxSettings } from "./options.ts";
import { type Sealing, sealRecord } from "./record.ts";

/** What must be known of a request to answer it. */
export interface Asked {
  /** What the answer is sealed with; absent when the request could not be opened. */
  readonly boxKey: Uint8Array | undefined;
  readonly func: string;
  /** Present when the caller ties replies to requests: errors are sealed then, too. */
  readonly callerId: number | undefined;
}

/** What the replies of one connection are made with. */
export interface ReplyParts {
  readonly settings: NaclBoxSettings;
  readonly sealing: Sealing;
  readonly maxFrameBytes: number;
}

/** The requests of one connection that wait for their replies, and the text of those. */
export class Replies {
  readonly #sealing: Sealing;
  readonly #json: PythonJson;
  readonly #maxFrameBytes: number;
  readonly #asked = new Map<CallId, Asked>();
  #pushKey: Uint8Array | undefined;

  constructor({ settings, sealing, maxFrameBytes }: ReplyParts) {
    this.#sealing = sealing;
    this.#json = settings.json;
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** A request has come. */
  expect(id: CallId, asked: Asked): void {
    this.#asked.set(id, asked);
  }

  /** Its reply leaves. */
  done(id: CallId): Asked | undefined {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    return asked;
  }

  /** Seals events for the peer with whom this key is shared. */
  pushTo(boxKey: Uint8Array): void {
    this.#pushKey = boxKey;
  }

  /**
   * The frame of a message; `undefined` for the answer to nobody. Changes nothing.
   *
   * @throws `INVALID_ARGUMENT` for what JSON cannot carry, `TOO_LARGE`, `UNSUPPORTED`
   */
  format(message: Message): Uint8Array | undefined {
    if (message.kind === "event") return this.#event(message.name, message.data);
    if (message.kind !== "result" && message.kind !== "error") throw unsayable(message.kind);
    const asked = this.#asked.get(message.id);
    if (!asked) return undefined;
    return message.kind === "result"
      ? this.#result(asked, message.value)
      : this.#error(asked, message.failure);
  }

  #event(name: string, data: unknown): Uint8Array {
    if (!this.#pushKey) throw unsayable("event");
    return this.#sealed(this.#pushKey, eventText(name, data, this.#json));
  }

  #result({ boxKey, func, callerId }: Asked, value: unknown): Uint8Array {
    // A greeting is answered in clear, by a text that stands already.
    if (!boxKey) return encodeUtf8(String(value));
    // The original answers `true`, whatever storing has to say.
    const result = func === UPDATE_SHARED_VAR ? true : (value ?? null);
    const id = callerId === undefined ? "" : `, "id": ${callerId}`;
    const text = `{"status": "ok", "result": ${this.#json.format(result)}${id}}`;
    return this.#sealed(boxKey, encodeUtf8(text));
  }

  /** In clear, as the original has it; sealed for callers that gave an id. */
  #error({ boxKey, func, callerId }: Asked, failure: Failure): Uint8Array {
    const error = errorText(failure, func);
    if (!boxKey || callerId === undefined) {
      return this.#fitting(encodeUtf8(this.#json.format({ status: "error", error })));
    }
    const { code, details } = failure;
    const more = { code, ...(details !== undefined && { details }), id: callerId };
    const text = this.#json.format({ status: "error", error, ...more });
    return this.#sealed(boxKey, encodeUtf8(text));
  }

  #sealed(boxKey: Uint8Array, plain: Uint8Array): Uint8Array {
    return this.#fitting(sealRecord(this.#sealing, boxKey, plain));
  }

  #fitting(frame: Uint8Array): Uint8Array {
    if (frame.length <= this.#maxFrameBytes) return frame;
    throw tooLarge(frame.length, this.#maxFrameBytes);
  }
}

/** What this wire has no form for. */
export function unsayable(kind: string): SealwireError {
  return new SealwireError("UNSUPPORTED", `nacl-box cannot carry this here: ${kind}`);
}

/** A frame that our own limit forbids. */
export function tooLarge(bytes: number, limit: number): SealwireError {
  return new SealwireError(
    "TOO_LARGE",
    `this would be a frame of ${bytes} bytes; at most ${limit} are sent: say it in parts`,
  );
}
