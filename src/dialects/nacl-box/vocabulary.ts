import type { Security, Vocabulary } from "../../core/contracts/dialect.ts";
import type { MessageKind } from "../../core/model/message.ts";

/**
 * What the wire protects. The server is proven only to clients that pinned its key; replays are
 * refused as far as nonces are remembered, which is not what a protocol calls protection.
 */
export const NACL_BOX_SECURITY: Security = Object.freeze({
  encrypted: true,
  clientProven: "by-each-call",
  serverProven: false,
  forwardSecret: false,
  replayProtected: false,
});

/** What every server of this wire is told, and every client tells. */
export const ANSWERING_KINDS: readonly MessageKind[] = Object.freeze(["call", "result", "error"]);

/** What the wire says between peers that tie replies to requests; with others, one call at a time. */
export const NACL_BOX_VOCABULARY: Vocabulary = Object.freeze({
  kinds: new Set(ANSWERING_KINDS),
  callsInFlight: Number.POSITIVE_INFINITY,
  callsBothWays: false,
  showsErrors: true,
});
