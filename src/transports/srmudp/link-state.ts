import type { Endpoint } from "../../core/contracts/datagram-socket.ts";
import type { SealwireError } from "../../core/model/errors.ts";

/** Where a link stands. */
export type LinkState =
  | { readonly state: "waiting" }
  | {
      readonly state: "established";
      /** The peer has shown that it holds the secret or the pinned key; otherwise it may be anyone. */
      readonly authenticated: boolean;
      readonly remote: Endpoint;
    }
  | { readonly state: "reconnecting"; readonly reason: SealwireError }
  /** For good; without a reason when both wanted it. */
  | { readonly state: "closed"; readonly reason?: SealwireError };

/** @internal */
export const WAITING: LinkState = Object.freeze({ state: "waiting" });
