import type { About, Session } from "../../core/contracts/dialect.ts";
import { SealwireError } from "../../core/model/errors.ts";
import {
  type CallId,
  type CallMessage,
  type Message,
  NO_ARGUMENTS,
} from "../../core/model/message.ts";
import type { Principal } from "../../core/model/peer.ts";
import { formatAnswer, wrapError, wrapResult } from "./answers.ts";
import { DESCRIBE, formatListing, LISTALL } from "./discovery.ts";
import { formatFailure } from "./errors.ts";
import { type Flow, plainContent } from "./flow.ts";
import { type CorrelationId, FRAME_TYPES, type Frame, parseFrame } from "./frame.ts";
import type { Login } from "./handshake.ts";
import type { Content } from "./payload.ts";
import { parseRequest } from "./requests.ts";

/** A request that has not been answered yet. */
interface OpenRequest {
  readonly correlation: CorrelationId;
  readonly method: string | undefined;
}

/** The accepting side after the login. */
export class ServerSession implements Session {
  readonly principal: Principal;
  readonly about: About;
  readonly #flow: Flow;
  /**
   * By numbers of our own: clients may repeat theirs, which the original does not mind because it
   * handles one request after the other.
   */
  readonly #open = new Map<CallId, OpenRequest>();
  #requests = 0;

  constructor({ principal, about }: Login, flow: Flow) {
    this.principal = principal;
    this.about = about;
    this.#flow = flow;
  }

  /** Never sent: clients of this wire answer no calls. */
  nextCallId(): CallId {
    this.#requests += 1;
    return this.#requests;
  }

  get unpackedBytes(): number {
    return this.#flow.unpackedBytes;
  }

  decode(bytes: Uint8Array): readonly Message[] {
    const frame = parseFrame(bytes);
    this.#flow.heard();
    if (frame.type !== FRAME_TYPES.rpcRequest) return this.#flow.receive(frame);
    return [this.#callOf(frame)];
  }

  encode(batch: readonly Message[]): readonly Uint8Array[] {
    const frames = this.#flow.send(batch.map((message) => this.#contentOf(message)));
    for (const message of batch) {
      if (message.kind === "result" || message.kind === "error") this.#open.delete(message.id);
    }
    return frames;
  }

  #callOf(frame: Frame): CallMessage {
    const { method, args } = parseRequest(this.#flow.unpack(frame));
    const id = this.nextCallId();
    this.#open.set(id, { correlation: frame.id, method });
    if (method === undefined) {
      return { kind: "call", id, procedure: "", args: NO_ARGUMENTS, settled: NO_METHOD };
    }
    if (method !== LISTALL) return { kind: "call", id, procedure: method, args };
    return { kind: "call", id, procedure: DESCRIBE, args: NO_ARGUMENTS };
  }

  #contentOf(message: Message): Content {
    if (message.kind !== "result" && message.kind !== "error") return plainContent(message);
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
}

/** What the original says of a request without a method, or that is no map. */
const NO_METHOD: NonNullable<CallMessage["settled"]> = {
  failure: { code: "NOT_FOUND", message: "no method", type: "UnknownProcedure" },
};
