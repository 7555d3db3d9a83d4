import type { Feature, Host } from "../../core/contracts/feature.ts";
import { checkPositive } from "../../core/engine/check-options.ts";
import type { Peer } from "../../core/model/peer.ts";
import { MemberAccess } from "./member-access.ts";
import { checkName } from "./names.ts";
import { type RoomsOptions, roomsConfig } from "./options.ts";
import { addProcedures } from "./procedures.ts";
import type { RoomAnswers, RoomMember } from "./room-item.ts";
import type { Audience } from "./room-log.ts";
import { type PresenceHook, RoomTable } from "./room-table.ts";

/** Members of a room, by their ids: these alone, or all but these. */
export interface RoomAudience {
  readonly to?: Iterable<string>;
  readonly except?: Iterable<string>;
}

/** The rooms of a server. */
export interface Rooms {
  /**
   * Tells the members of a room something; how many it is for. Those who are slow or away get it
   * when they can.
   *
   * @throws `INVALID_ARGUMENT` for what is no name
   */
  emit(room: string, name: string, data?: unknown, audience?: RoomAudience): number;
  /**
   * The same, and gathers what they answer, until all have or the time is up (`maxAskMs` if nothing
   * else is said).
   */
  ask(
    room: string,
    name: string,
    data?: unknown,
    options?: RoomAudience & { readonly timeoutMs?: number; readonly signal?: AbortSignal },
  ): Promise<RoomAnswers>;
  /** Who is in a room; nobody is in one that is not there. */
  here(room: string): readonly RoomMember[];
  /** The connection of a member; `undefined` while it is away, or at another node of a cluster. */
  peerOf(room: string, member: string): Peer | undefined;
  /** The rooms that somebody is in. */
  list(): readonly { readonly name: string; readonly members: number }[];
  /** Puts a member out, and tells it why; whether it was in. */
  remove(room: string, member: string, reason?: string): boolean;
  /** Is told whenever somebody joins, leaves, goes away, comes back or changes. */
  onPresence(hook: PresenceHook): void;
}

/**
 * Named groups of peers that see who else is there, and hear what is said among them. A room is
 * there as long as somebody is in it.
 *
 * @throws `INVALID_ARGUMENT` for an option that makes no sense
 *
 * @example
 * const rooms = server.install(rooms({ declare: { "staff/*": { join: ["staff"] } } }));
 * rooms.emit("staff/all", "notice", "lunch is ready");
 */
export function rooms(options: RoomsOptions = {}): Feature<Rooms> {
  const config = roomsConfig(options);
  return (host: Host) => {
    const table = new RoomTable(host, config);
    addProcedures(host, new MemberAccess(table), config.rules.anyForEveryone);
    host.onDisconnect((peer, error) => table.disconnected(peer, error));
    host.sessions.onAway((peer, away) => table.asleep(peer, away));
    host.onClose(async () => table.close());
    return handleOf(table);
  };
}

function handleOf(table: RoomTable): Rooms {
  return {
    emit(name, event, data, audience) {
      checkName("an event", event);
      const room = table.find(name);
      return room ? table.emit(room, { name: event, data }, audienceFrom(audience)) : 0;
    },
    async ask(name, event, data, options = {}) {
      checkName("an event", event);
      const { timeoutMs = table.config.maxAskMs, signal } = options;
      checkPositive({ timeoutMs });
      const room = table.find(name);
      if (!room) return { answers: [], failed: [] };
      const asking = { ...audienceFrom(options), timeoutMs, signal };
      return table.ask(room, { name: event, data }, asking);
    },
    here: (name) => table.find(name)?.here ?? [],
    peerOf: (name, member) => table.find(name)?.find(member)?.delivery?.peer,
    list: () => table.names.map((name) => ({ name, members: table.find(name)?.size ?? 0 })),
    remove(name, id, reason = "put out by the server") {
      const room = table.find(name);
      const member = room?.find(id);
      if (room && member) table.putOut(room, member, reason);
      return member !== undefined;
    },
    onPresence: (hook) => table.onPresence(hook),
  };
}

function audienceFrom({ to, except }: RoomAudience = {}): Audience {
  return { to: to && new Set(to), except: except && new Set(except) };
}
