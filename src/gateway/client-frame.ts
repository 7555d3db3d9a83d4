import type { SealwireError } from "../core/model/errors.ts";

/** Names a message of a client, which wants to hear of its delivery under this name. */
export type MessageId = string | number;

/** What a client of the proxy can say, whichever of the two languages it speaks. */
export type ClientFrame =
  | { readonly kind: "data"; readonly bytes: Uint8Array; readonly id?: MessageId }
  | {
      readonly kind: "auth";
      readonly apiKey?: string;
      readonly encryptionKey?: string;
      readonly authenticate?: boolean;
    }
  | { readonly kind: "discover" }
  | { readonly kind: "ping"; readonly id: MessageId }
  /** Heartbeats and what is reserved: taken and not answered. */
  | { readonly kind: "nothing" }
  | { readonly kind: "invalid"; readonly error: SealwireError; readonly id?: MessageId };
