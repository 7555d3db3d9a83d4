import { decodeHex, encodeHex } from "../../bytes/text.ts";
import type { SessionHost } from "../../core/contracts/session-host.ts";
import type { Membership } from "./membership.ts";
import type { Way } from "./way.ts";

/** Bytes of the id of a session that name the node that has it: those of its life. */
const MARK_BYTES = 8;

/**
 * Leads a peer that comes back to another node to the one that has its session: its bytes, which
 * no node on the way can open, go over a way through the cluster.
 *
 * @returns serves a channel that another node has led here
 */
export function leadSessions(
  sessions: SessionHost,
  life: string,
  members: Membership,
  open: (node: string) => Way,
): (way: Way) => void {
  const mark = decodeHex(life);
  if (mark) sessions.mark(mark);
  sessions.onUnknown(async (id) => {
    const owner = encodeHex(id.subarray(0, MARK_BYTES));
    const found = members.others.find((known) => known.life === owner);
    return found && open(found.node);
  });
  return (way) => sessions.enter(way);
}
