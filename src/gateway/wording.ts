import type { Endpoint } from "../core/contracts/datagram-socket.ts";
import type { SealwireError } from "../core/model/errors.ts";
import type { ClientFrame, MessageId } from "./client-frame.ts";

/** What a client is told of its link. */
export type Progress =
  /** The WebSocket is open; nothing is said of UDP yet. */
  | { readonly step: "connected" }
  | { readonly step: "waiting"; readonly local: Endpoint }
  | {
      readonly step: "established";
      readonly local: Endpoint;
      readonly remote: Endpoint;
      readonly authenticated: boolean;
    }
  | { readonly step: "reconnecting"; readonly local: Endpoint }
  /** Given up; the WebSocket is closed behind it. */
  | { readonly step: "failed"; readonly error: SealwireError };

/** An address found by STUN, and between whom. */
export interface Discovery {
  readonly public: Endpoint;
  readonly local: Endpoint;
  readonly remote: Endpoint;
}

/**
 * One of the two languages that clients of the original speak: frames that are JSON texts. The
 * link behind it is the same.
 */
export interface Wording {
  parse(text: string): ClientFrame;
  /** `undefined`: this language has no word for it. */
  progress(progress: Progress): string | undefined;
  message(bytes: Uint8Array): string;
  ack(id: MessageId): string;
  pong(id: MessageId): string;
  error(error: SealwireError, id?: MessageId): string;
  discovered(discovery: Discovery): string;
  undiscovered(error: SealwireError, between: Omit<Discovery, "public">): string;
}
