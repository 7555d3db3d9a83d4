import type { About, Session, Vocabulary } from "../../core/contracts/dialect.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { type CallMessage, type Message, NO_ARGUMENTS } from "../../core/model/message.ts";
import { type Outcome, parseAnswer, parseRawAnswer } from "./answers.ts";
import { clientCallIds, serverCallIds } from "./call-ids.ts";
import { LISTALL, parseListing, type Question, questionOf } from "./discovery.ts";
import { type Flow, isHeartbeat, plainContent } from "./flow.ts";
import { FRAME_TYPES, type Frame, parseFrame } from "./frame.ts";
import type { HoldPort } from "./hold.ts";
import { NameLookup } from "./name-lookup.ts";
import { isAnswer, OpenRequests } from "./open-requests.ts";
import type { Content } from "./payload.ts";
import { formatRequest, wantsRaw } from "./requests.ts";

/** What a client remembers of a call whose answer is not to be taken as usual. */
type Wish = Question | { readonly asked: "raw" };

/** The connecting side after the login. */
export class ClientSession implements Session {
  readonly about: About;
  readonly vocabulary: Vocabulary;
  readonly #flow: Flow;
  readonly #wishes = new Map<number, Wish>();
  /** The heartbeats that are not answered yet; those that a call of `$ping` waits for, by its id. */
  readonly #pings: (number | undefined)[] = [];
  readonly #names = new NameLookup();
  readonly #requests = new OpenRequests(serverCallIds());
  readonly #port: HoldPort;
  /** What was kept until its names were there, and leaves with the next batch. */
  #ready: Content[] = [];
  #lookupId: number | undefined;
  readonly nextCallId: () => number = clientCallIds();

  constructor(about: About, vocabulary: Vocabulary, flow: Flow, port: HoldPort) {
    this.#port = port;
    this.about = about;
    this.vocabulary = vocabulary;
    this.#flow = flow;
  }

  get unpackedBytes(): number {
    return this.#flow.unpackedBytes;
  }

  decode(bytes: Uint8Array): readonly Message[] {
    const frame = parseFrame(bytes);
    this.#flow.heard();
    switch (frame.type) {
      case FRAME_TYPES.rpcRequest:
        return [this.#requests.callOf(frame.id, this.#flow.unpack(frame))];
      case FRAME_TYPES.rpcResponse:
      case FRAME_TYPES.rpcError:
        return this.#answer(frame);
      case FRAME_TYPES.pong:
        return this.#pong();
      default:
        return this.#flow.receive(frame);
    }
  }

  encode(batch: readonly Message[]): readonly Uint8Array[] {
    const ready = this.#ready;
    const contents = batch.map((message) => this.#contentOf(message, this.#names));
    if (!this.#names.asked && !batch.some((message) => this.#names.lacks(message))) {
      const frames = this.#flow.send(ready.length > 0 ? [...ready, ...contents] : contents);
      if (ready.length > 0) this.#ready = [];
      for (const message of batch) {
        this.#remember(message);
        this.#requests.close(message);
      }
      return frames;
    }
    this.#flow.check(contents);
    this.#ready = [];
    return this.#flow.send([...ready, ...batch.flatMap((each) => this.#sendOrKeep(each))]);
  }

  /** What of a message leaves now, while names are waited for or about to be. */
  #sendOrKeep(message: Message): readonly Content[] {
    this.#remember(message);
    const content = this.#contentOf(message, this.#names);
    if (isHeartbeat(content)) return [content];
    const asks = !this.#names.asked;
    if (asks && !this.#names.lacks(message)) {
      this.#requests.close(message);
      return [content];
    }
    this.#names.keep(message);
    if (this.#names.kept > MAX_KEPT) this.#named(undefined);
    if (!asks) return [];
    this.#lookupId = this.nextCallId();
    this.#port.after(LOOKUP_MS, () => this.#names.asked && this.#named(undefined));
    return [listingContent(this.#lookupId)];
  }

  /** The names are there, or will not come. */
  #named(listing: unknown): void {
    for (const message of this.#names.settle(listing)) {
      const content = this.#contentOf(message, this.#names);
      // A name may be longer than the place that it takes.
      this.#ready.push(this.#flow.fits(content) ? content : this.#contentOf(message, undefined));
      this.#requests.close(message);
    }
    this.#port.flush();
  }

  #contentOf(message: Message, names: NameLookup | undefined): Content {
    if (isAnswer(message)) return this.#requests.contentOf(message);
    return contentWith(message, names);
  }

  #remember(message: Message): void {
    if (message.kind === "ping") this.#asked(undefined);
    if (message.kind !== "call") return;
    const id = Number(message.id);
    if (message.procedure === PING) return this.#asked(id);
    const wish = wishOf(message);
    if (!wish) return;
    this.#wishes.set(id, wish);
    const [oldest] = this.#wishes.keys();
    // Of calls that were never answered; the engine has given them up long ago.
    if (this.#wishes.size > MAX_WISHES && oldest !== undefined) this.#wishes.delete(oldest);
  }

  #asked(id: number | undefined): void {
    this.#pings.push(id);
    if (this.#pings.length > MAX_PINGS) this.#pings.shift();
  }

  #pong(): readonly Message[] {
    const id = this.#pings.shift();
    if (id === undefined) return [{ kind: "pong" }];
    return [{ kind: "pong" }, { kind: "result", id, value: true }];
  }

  #answer(frame: Frame): readonly Message[] {
    const { type, id } = frame;
    const payload = this.#flow.unpack(frame);
    // Of no call of ours: the original ignores it.
    if (typeof id !== "number") return [];
    if (id === this.#lookupId) {
      const listed = parseAnswer(type, payload);
      this.#named("value" in listed ? listed.value : undefined);
      return [];
    }
    const wish = this.#wishes.get(id);
    this.#wishes.delete(id);
    const outcome = outcomeOf(type, payload, wish);
    if ("failure" in outcome) return [{ kind: "error", id, failure: outcome.failure }];
    return [{ kind: "result", id, value: outcome.value }];
  }
}

function contentWith(message: Message, names: NameLookup | undefined): Content {
  if (message.kind !== "call") return plainContent(message);
  const { procedure, args } = message;
  const id = Number(message.id);
  // The original has no such method; its heartbeats say the same.
  if (procedure === PING) return { type: FRAME_TYPES.ping };
  if (questionOf(procedure, args.positional)) return listingContent(id);
  const value = formatRequest(procedure, names?.named(message) ?? args);
  return { type: FRAME_TYPES.rpcRequest, id, value };
}

function listingContent(id: number): Content {
  const value = formatRequest(LISTALL, NO_ARGUMENTS);
  return { type: FRAME_TYPES.rpcRequest, id, value };
}

function wishOf(call: CallMessage): Wish | undefined {
  if (wantsRaw(call)) return { asked: "raw" };
  return questionOf(call.procedure, call.args.positional);
}

function outcomeOf(type: number, payload: unknown, wish: Wish | undefined): Outcome {
  if (wish?.asked === "raw") return parseRawAnswer(type, payload);
  const outcome = parseAnswer(type, payload);
  if (!wish || "failure" in outcome) return outcome;
  try {
    return { value: parseListing(outcome.value, wish) };
  } catch (thrown) {
    return { failure: SealwireError.from(thrown).toFailure() };
  }
}

const PING = "$ping";
const MAX_WISHES = 65_536;
const MAX_PINGS = 1_024;
/** So much waits for names at most, and so long; then positions travel as they are. */
const MAX_KEPT = 10_000;
const LOOKUP_MS = 2_000;
