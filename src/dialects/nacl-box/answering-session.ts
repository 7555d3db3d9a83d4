import type { Session, Vocabulary } from "../../core/contracts/dialect.ts";
import { OrderedAnswers } from "../../core/engine/ordered-answers.ts";
import type { Evidence } from "../../core/model/credentials.ts";
import { SealwireError } from "../../core/model/errors.ts";
import {
  type Arguments,
  type CallId,
  type CallMessage,
  type Message,
  NO_ARGUMENTS,
} from "../../core/model/message.ts";
import { readBase64 } from "./base64.ts";
import { checkNoArguments, GET_PUBLIC_KEY, STATE_PUT, UPDATE_SHARED_VAR } from "./builtin.ts";
import { EnvelopeHead } from "./envelope-head.ts";
import {
  acknowledgementText,
  parseCall,
  parsePush,
  parseRequest,
  type Request,
} from "./messages.ts";
import type { NaclBoxSettings } from "./options.ts";
import type { PeerKeys } from "./peer-keys.ts";
import { nonceOf, openRecord, type Sealing } from "./record.ts";
import { type Asked, Replies } from "./replies.ts";
import { ANSWERING_KINDS, NACL_BOX_VOCABULARY } from "./vocabulary.ts";

/** What a server's sessions share, and what is its connection's own. */
export interface AnsweringParts {
  readonly settings: NaclBoxSettings;
  readonly sealing: Sealing;
  /** Of all connections together. */
  readonly peers: PeerKeys;
  /** Our public key as base64. */
  readonly ownKey: string;
  readonly maxFrameBytes: number;
}

/**
 * Serves one connection. Keeps nothing of HELLO but the wish for events: each request names its
 * key, and each that carries no id is answered in its turn.
 */
export class AnsweringSession implements Session {
  readonly vocabulary: Vocabulary;
  readonly #parts: AnsweringParts;
  readonly #kinds = new Set(ANSWERING_KINDS);
  readonly #ordered = new OrderedAnswers();
  readonly #replies: Replies;
  readonly #heads = new EnvelopeHead();
  /** Ids of calls that are answered out of turn, below zero. */
  #unordered = 0;

  constructor(parts: AnsweringParts) {
    this.#parts = parts;
    this.#replies = new Replies(parts);
    this.vocabulary = { ...NACL_BOX_VOCABULARY, kinds: this.#kinds };
  }

  get heldAnswers(): number {
    return this.#ordered.held;
  }

  /** @throws `UNSUPPORTED`: on this wire servers do not call */
  nextCallId(): CallId {
    throw new SealwireError("UNSUPPORTED", "a server of nacl-box cannot call its clients");
  }

  decode(frame: Uint8Array): readonly Message[] {
    let asked: Asked | undefined;
    try {
      const again = this.#heads.read(frame);
      const request = again ?? parseRequest(frame, this.#parts.settings.json);
      if (request.type === "HELLO") return [this.#greet(request)];
      if (!again && request.type === "RPC") this.#heads.remember(frame, request);
      const { plain, boxKey } = this.#open(request);
      if (request.type === "PUSH") return [this.#push(plain, boxKey)];
      const call = parseCall(plain, this.#parts.settings.json);
      asked = { boxKey, func: call.func, callerId: this.#idOf(call.id) };
      return [this.#call(asked, call.args, call.evidence)];
    } catch (thrown) {
      if (!(thrown instanceof SealwireError)) throw thrown;
      return [this.#settled(asked ?? PLAIN, { failure: thrown.toFailure() })];
    }
  }

  encode(batch: readonly Message[]): readonly Uint8Array[] {
    const frames = batch.map((message) => this.#replies.format(message));
    return batch.flatMap((message, at) => {
      const frame = frames[at];
      if (frame === undefined) return [];
      return "id" in message ? this.#answered(message, message.id, frame) : [frame];
    });
  }

  #answered(message: Message, id: CallId, frame: Uint8Array): readonly Uint8Array[] {
    const asked = this.#replies.done(id);
    if (asked?.func === PUSH && message.kind === "result") this.#startPush(asked);
    return typeof id === "number" && id > 0 ? this.#ordered.answer(id, frame) : [frame];
  }

  /** The engine looks into the set whenever it wants to speak, so the set may grow. */
  #startPush({ boxKey }: Asked): void {
    if (boxKey) this.#replies.pushTo(boxKey);
    this.#kinds.add("event");
  }

  /** A caller that ties replies to requests does not wait for its turn. */
  #expect(asked: Asked): number {
    this.#unordered -= 1;
    const id = asked.callerId === undefined ? this.#ordered.open() : this.#unordered;
    this.#replies.expect(id, asked);
    return id;
  }

  #greet({ push, ids }: Extract<Request, { type: "HELLO" }>): Message {
    const grants = { push, ids: ids && this.#parts.settings.ids };
    return this.#settled(PLAIN, { value: acknowledgementText(this.#parts.ownKey, grants) });
  }

  #open(request: Exclude<Request, { type: "HELLO" }>): { plain: Uint8Array; boxKey: Uint8Array } {
    const { peers, sealing } = this.#parts;
    const { clientKey, cipher } = request;
    const peer = peers.find(clientKey);
    const record = cipher instanceof Uint8Array ? cipher : readBase64(cipher);
    const plain = openRecord(sealing.crypto, peer.boxKey, record);
    peers.opened(peer, nonceOf(record));
    return { plain, boxKey: peer.boxKey };
  }

  #idOf(id: number | undefined): number | undefined {
    return this.#parts.settings.ids ? id : undefined;
  }

  #call(asked: Asked, args: Arguments, evidence: Evidence): Message {
    const { func } = asked;
    if (func === GET_PUBLIC_KEY) {
      checkNoArguments(args);
      return this.#settled(asked, { value: this.#parts.ownKey });
    }
    const procedure = func === UPDATE_SHARED_VAR ? STATE_PUT : func;
    return { kind: "call", id: this.#expect(asked), procedure, args, evidence };
  }

  /** Goes through the engine all the same, so that it keeps its place. */
  #settled(asked: Asked, settled: NonNullable<CallMessage["settled"]>): Message {
    const id = this.#expect(asked);
    return { kind: "call", id, procedure: asked.func, args: NO_ARGUMENTS, settled };
  }

  /** Events go to those who have proven who they are, not to whoever says HELLO. */
  #push(plain: Uint8Array, boxKey: Uint8Array): Message {
    const evidence = parsePush(plain, this.#parts.settings.json);
    const id = this.#expect({ boxKey, func: PUSH, callerId: undefined });
    return { kind: "call", id, procedure: "$prove", args: NO_ARGUMENTS, evidence };
  }
}

/** The type of the request for events; no function is called so, because of the line break. */
const PUSH = "PUSH\n";

/** What stands for a request that named no key to seal the answer with. */
const PLAIN: Asked = Object.freeze({ boxKey: undefined, func: "", callerId: undefined });
