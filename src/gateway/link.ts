import type { Endpoint } from "../core/contracts/datagram-socket.ts";
import type { SealwireError } from "../core/model/errors.ts";

/** What becomes of a link. It may go from `established` to `reconnecting` and back by itself. */
export type LinkState =
  | {
      readonly state: "established";
      /** Whether the peer has proven to hold the secret. */
      readonly authenticated: boolean;
      readonly remote: Endpoint;
    }
  | { readonly state: "reconnecting" }
  /** For good. Without a reason it was closed in order, by either side. */
  | { readonly state: "closed"; readonly reason?: SealwireError };

/** What a link is opened with. */
export interface LinkOpening {
  /** Port 0 leaves the choice to the system. */
  readonly bind: Endpoint;
  readonly remote: Endpoint;
  /** Present: the peer must hold it too; `UNAUTHENTICATED` otherwise. */
  readonly secret?: Uint8Array;
  /** Told of each change from the moment on at which the opener's promise was resolved. */
  readonly onState: (state: LinkState) => void;
}

/**
 * A path over UDP to one peer that carries whole messages reliably and in order. Iterated once, it
 * yields what the peer sends; a reader that is busy slows the peer down.
 */
export interface Link extends AsyncIterable<Uint8Array> {
  readonly local: Endpoint;
  /**
   * Resolves when the peer has acknowledged all of the message. It may be called before the link
   * is established. The bytes are the link's.
   *
   * @throws `UNAVAILABLE` when nobody can say that the message arrived.
   */
  send(message: Uint8Array): Promise<void>;
  /**
   * Asks STUN servers, one after the other, how the socket of this link looks from outside.
   *
   * @throws `UNAVAILABLE` when none of them answers.
   */
  publicAddress(servers: readonly Endpoint[]): Promise<Endpoint>;
  close(): Promise<void>;
}

/** Opens links of one kind. Resolves as soon as the socket is bound. */
export type LinkOpener = (opening: LinkOpening) => Promise<Link>;

/** The kinds of links that a query may name. */
export type LinkMode = "srmudp" | "udp";
