import { SealwireError } from "../../core/model/errors.ts";
import { type ResumableParts, ResumableSession } from "./resumable-session.ts";

/** What a server says of a session that may go on over another channel. */
export interface ResumeTicket {
  readonly id: Uint8Array;
  readonly windowMs: number;
}

/** What the greeting leaves behind for such a session. */
export interface LastingParts extends Pick<ResumableParts, "session" | "records" | "secret"> {
  /** As the server named it. */
  readonly ticket: unknown;
}

/** How long the id of a session is. */
export const ID_BYTES = 16;

/**
 * A session that outlives its channel, by what the server said of it. Loaded by those to whom it
 * said something.
 *
 * @throws `HANDSHAKE_FAILED` when that is malformed
 */
export function lastingSession(
  parts: LastingParts,
  flush: () => void,
  { maxHeldBytes }: { readonly maxHeldBytes: number },
): ResumableSession {
  const { ticket, ...rest } = parts;
  return new ResumableSession({ ...rest, ...parseTicket(ticket), flush, maxHeldBytes });
}

function parseTicket(ticket: unknown): ResumeTicket {
  const { id, windowMs } = Object(ticket) as Readonly<Record<keyof ResumeTicket, unknown>>;
  const fits = id instanceof Uint8Array && id.length === ID_BYTES;
  if (fits && typeof windowMs === "number" && windowMs > 0) return { id, windowMs };
  throw new SealwireError("HANDSHAKE_FAILED", "the server names a session without an id");
}
