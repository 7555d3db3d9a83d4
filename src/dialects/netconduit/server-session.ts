import type { About, Session } from "../../core/contracts/dialect.ts";
import type { CallId, Message } from "../../core/model/message.ts";
import type { Principal } from "../../core/model/peer.ts";
import { parseAnswer } from "./answers.ts";
import { clientCallIds, isServerCall, serverCallIds } from "./call-ids.ts";
import { type Flow, plainContent } from "./flow.ts";
import { FRAME_TYPES, type Frame, parseFrame } from "./frame.ts";
import type { Login } from "./handshake.ts";
import { isAnswer, OpenRequests } from "./open-requests.ts";
import type { Content } from "./payload.ts";
import { formatRequest } from "./requests.ts";

/** The accepting side after the login. */
export class ServerSession implements Session {
  readonly principal: Principal;
  readonly about: About;
  readonly #flow: Flow;
  readonly #requests = new OpenRequests(clientCallIds());
  /** A client of the original hears such calls and says nothing. */
  readonly nextCallId: () => CallId = serverCallIds();

  constructor({ principal, about }: Login, flow: Flow) {
    this.principal = principal;
    this.about = about;
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
      default:
        return this.#flow.receive(frame);
    }
  }

  encode(batch: readonly Message[]): readonly Uint8Array[] {
    const frames = this.#flow.send(batch.map((message) => this.#contentOf(message)));
    for (const message of batch) this.#requests.close(message);
    return frames;
  }

  #answer(frame: Frame): readonly Message[] {
    const { type, id } = frame;
    // Of no call of ours: the original ignores it, whatever it holds.
    if (!isServerCall(id)) return [];
    const outcome = parseAnswer(type, this.#flow.unpack(frame));
    if ("failure" in outcome) return [{ kind: "error", id, failure: outcome.failure }];
    return [{ kind: "result", id, value: outcome.value }];
  }

  #contentOf(message: Message): Content {
    if (isAnswer(message)) return this.#requests.contentOf(message);
    if (message.kind !== "call") return plainContent(message);
    const { id, procedure, args } = message;
    const value = formatRequest(procedure, args);
    return { type: FRAME_TYPES.rpcRequest, id: typeof id === "bigint" ? id : Number(id), value };
  }
}
