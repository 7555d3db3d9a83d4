import { decodeHex, encodeHex } from "../../bytes/text.ts";
import type { SessionHost } from "../../core/contracts/session-host.ts";
import type { Bus } from "./bus.ts";
import type { Membership } from "./membership.ts";
import type { Way } from "./way.ts";

/** Bytes of the id of a session that name the node that has it: those of its life. */
const MARK_BYTES = 8;
/** How long a node may take to answer before its sessions count as lost. */
const PATIENCE_MS = 1_500;

/**
 * Leads a peer that comes back to another node to the one that has its session: its bytes, which
 * no node on the way can open, go over a way through the cluster.
 *
 * @returns serves a channel that another node has led here
 */
export function leadSessions(
  sessions: SessionHost,
  bus: Bus,
  members: Membership,
  open: (node: string) => Way,
): (way: Way) => void {
  const mark = decodeHex(bus.life);
  if (mark) sessions.mark(mark);
  sessions.onUnknown(async (id) => {
    const owner = encodeHex(id.subarray(0, MARK_BYTES));
    const found = members.others.find((known) => known.life === owner);
    // Whoever waited for a node that has just died would be back too late.
    const there = found && (await bus.reaches(found.node, PATIENCE_MS));
    return there ? open(found.node) : undefined;
  });
  return (way) => sessions.enter(way);
}
