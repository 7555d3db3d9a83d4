import { encodeUtf8 } from "../../bytes/text.ts";
import type { PythonJson } from "../../codecs/python-json.ts";
import type { Session, Vocabulary } from "../../core/contracts/dialect.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { CallId, CallMessage, Message } from "../../core/model/message.ts";
import { readBase64Letters } from "./base64.ts";
import { GET_PUBLIC_KEY, STATE_PUT, UPDATE_SHARED_VAR } from "./builtin.ts";
import { failureFrom, malformed, NOT_OPENED } from "./errors.ts";
import { parsePlainError, parseReply, type Reply } from "./messages.ts";
import { Nonces } from "./nonces.ts";
import { nonceOf, openRecord, recordLength, type Sealing, writeRecord } from "./record.ts";
import { tooLarge, unsayable } from "./replies.ts";
import { ANSWERING_KINDS, NACL_BOX_VOCABULARY } from "./vocabulary.ts";

/** What a greeting has found out. */
export interface CallingParts {
  readonly json: PythonJson;
  readonly sealing: Sealing;
  readonly boxKey: Uint8Array;
  /** Our public key as base64. */
  readonly ownKey: string;
  readonly apiKey: string | undefined;
  /** Whether replies are tied to requests. */
  readonly ids: boolean;
  /** Whether the server sends events. */
  readonly push: boolean;
  readonly replayWindow: number | false;
  readonly maxFrameBytes: number;
}

/** Calls a server. Without ids its replies belong to the calls in their order, one at a time. */
export class CallingSession implements Session {
  readonly vocabulary: Vocabulary;
  readonly #parts: CallingParts;
  readonly #nonces: Nonces | undefined;
  readonly #head: Uint8Array;
  /** As it stands in each call. */
  readonly #apiKey: string;
  readonly #open: CallId[] = [];
  #lastId = 0;

  constructor(parts: CallingParts) {
    this.#parts = parts;
    this.#head = headOf("RPC", parts.ownKey);
    this.#apiKey = parts.json.format(parts.apiKey);
    this.#nonces = parts.replayWindow === false ? undefined : new Nonces(parts.replayWindow);
    this.vocabulary = {
      ...NACL_BOX_VOCABULARY,
      kinds: new Set(parts.push ? [...ANSWERING_KINDS, "event"] : ANSWERING_KINDS),
      callsInFlight: parts.ids ? NACL_BOX_VOCABULARY.callsInFlight : 1,
    };
  }

  nextCallId(): CallId {
    this.#lastId += 1;
    return this.#lastId;
  }

  encode(batch: readonly Message[]): readonly Uint8Array[] {
    const frames = batch.map((message) => {
      if (message.kind !== "call") throw unsayable(message.kind);
      return this.envelope("RPC", this.#callText(message));
    });
    if (!this.#parts.ids) {
      for (const message of batch) if (message.kind === "call") this.#open.push(message.id);
    }
    return frames;
  }

  decode(frame: Uint8Array): readonly Message[] {
    if (isPlain(frame)) return [this.#plainError(frame)];
    const reply = this.openReply(frame);
    if (reply.kind === "event") {
      if (this.#parts.push) return [reply];
      throw malformed("the server sent an event that nobody asked for");
    }
    return [{ ...reply, id: this.#idOf(reply) }];
  }

  /** A text, sealed for the server. @throws `TOO_LARGE` */
  envelope(type: "RPC" | "PUSH", text: string): Uint8Array {
    const { sealing, boxKey, ownKey, maxFrameBytes } = this.#parts;
    const plain = encodeUtf8(text);
    const head = type === "RPC" ? this.#head : headOf(type, ownKey);
    const end = head.length + recordLength(plain.length);
    const frame = new Uint8Array(end + TAIL.length);
    if (frame.length > maxFrameBytes) throw tooLarge(frame.length, maxFrameBytes);
    frame.set(head);
    writeRecord(sealing, boxKey, plain, frame, head.length);
    frame.set(TAIL, end);
    return frame;
  }

  /** @throws `RECORD_REJECTED` for what was not sealed for us, or came before */
  openReply(frame: Uint8Array): Reply {
    const { sealing, boxKey, json } = this.#parts;
    const record = readBase64Letters(frame);
    let plain: Uint8Array;
    try {
      plain = openRecord(sealing.crypto, boxKey, record);
    } catch (cause) {
      throw new SealwireError("RECORD_REJECTED", "a reply does not open", { cause });
    }
    if (this.#nonces?.use(nonceOf(record)) === false) {
      throw new SealwireError("RECORD_REJECTED", "a reply came a second time");
    }
    return parseReply(plain, json);
  }

  /** Fields in the order of the Python client. */
  #callText({ id, procedure, args }: CallMessage): string {
    const { json, ids } = this.#parts;
    const func = json.format(BUILTIN.get(procedure) ?? procedure);
    const [positional, named] = [json.format(args.positional), json.format(args.named)];
    const call = `"func": ${func}, "args": ${positional}, "kwargs": ${named}`;
    return `{"api_key": ${this.#apiKey}, ${call}${ids ? `, "id": ${id}` : ""}}`;
  }

  #plainError(frame: Uint8Array): Message {
    const text = parsePlainError(frame, this.#parts.json);
    if (text === NOT_OPENED) throw otherKey();
    const failure = failureFrom(text, false);
    if (this.#parts.ids) throw new SealwireError(failure.code, unsealed(text));
    return { kind: "error", id: this.#next(), failure };
  }

  #idOf({ id }: Extract<Reply, { id: unknown }>): CallId {
    if (!this.#parts.ids) return this.#next();
    if (id !== undefined) return id;
    throw malformed("a reply names no call, although the server said that its replies do");
  }

  /** The call whose turn it is. */
  #next(): CallId {
    const id = this.#open.shift();
    if (id !== undefined) return id;
    throw malformed("a reply came although no call is open");
  }
}

/** What every server of the original has under a name of its own; to ask for a key is a ping. */
const BUILTIN: ReadonlyMap<string, string> = new Map([
  [STATE_PUT, UPDATE_SHARED_VAR],
  ["$ping", GET_PUBLIC_KEY],
]);

function headOf(type: "RPC" | "PUSH", ownKey: string): Uint8Array {
  return encodeUtf8(`{"type": "${type}", "client_pubkey": "${ownKey}", "cipher": "`);
}

const TAIL = encodeUtf8('"}');

/** Errors and greetings are JSON objects, everything sealed is base64. */
function isPlain(frame: Uint8Array): boolean {
  for (const byte of frame) if (byte > SPACE) return byte === OPEN_BRACE;
  return false;
}

const SPACE = 0x20;
const OPEN_BRACE = 0x7b;

/**
 * The original makes new keys at every start, and whoever stands between may keep our connection
 * open meanwhile. Its own client fails from then on; another greeting helps.
 */
function otherKey(): SealwireError {
  return new SealwireError(
    "UNAVAILABLE",
    "the server cannot open our calls: it has other keys than at the greeting; connecting anew",
  );
}

function unsealed(text: string): string {
  return `the server said in clear, to no call in particular: ${text}`;
}
