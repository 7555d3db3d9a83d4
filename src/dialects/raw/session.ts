import { decodeUtf8, encodeUtf8 } from "../../bytes/text.ts";
import type { Session } from "../../core/contracts/dialect.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { CallId, Message } from "../../core/model/message.ts";
import type { Principal } from "../../core/model/peer.ts";

/** What one connection needs to know. */
export interface RawSessionParts {
  readonly event: string;
  readonly text: boolean;
  readonly principal?: Principal;
}

/** Frames as events of one name, and back. */
export class RawSession implements Session {
  readonly principal?: Principal;
  readonly #event: string;
  readonly #text: boolean;

  constructor({ event, text, principal }: RawSessionParts) {
    if (principal !== undefined) this.principal = principal;
    this.#event = event;
    this.#text = text;
  }

  nextCallId(): CallId {
    throw unsaid("calls");
  }

  decode(frame: Uint8Array): readonly Message[] {
    const data = this.#text ? (decodeUtf8(frame) ?? frame) : frame;
    return [{ kind: "event", name: this.#event, data }];
  }

  encode(batch: readonly Message[]): readonly Uint8Array[] {
    return batch.map((message) => this.#frameOf(message));
  }

  #frameOf(message: Message): Uint8Array {
    if (message.kind !== "event") throw unsaid(`a ${message.kind}`);
    const { name, data } = message;
    if (name !== this.#event) {
      const why = `this wire has events of one name, ${JSON.stringify(this.#event)}`;
      throw new SealwireError("INVALID_ARGUMENT", `${why}; emit that one`);
    }
    if (typeof data === "string") return encodeUtf8(data);
    // A copy: it may wait to be sent while the application goes on with its memory.
    if (data instanceof Uint8Array) return new Uint8Array(data);
    const expected = "a frame of this wire is text or bytes; give a string or a Uint8Array";
    throw new SealwireError("INVALID_ARGUMENT", expected);
  }
}

function unsaid(what: string): SealwireError {
  const message = `this wire has events alone and no form for ${what}`;
  return new SealwireError("UNSUPPORTED", message);
}
