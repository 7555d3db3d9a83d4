import type { Channel } from "./transport.ts";

/** Something between transport and dialect on a shared port: TLS, the HTTP upgrade of WebSocket. */
export interface Layer {
  readonly name: string;
  /** Whether these first bytes are its own; `undefined` for "too few to tell". */
  recognizes(head: Uint8Array): boolean | undefined;
  /**
   * Goes on with a channel whose first bytes were `head`. Resolves with the channel inside, or
   * with `undefined` when the layer served the peer itself (an HTTP request for a page).
   */
  accept(channel: Channel, head: Uint8Array): Promise<Channel | undefined>;
  /** Cuts off the peers that it serves itself: the server has ended. */
  close?(): void;
}
