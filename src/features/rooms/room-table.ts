import type { Host } from "../../core/contracts/feature.ts";
import { Connection } from "../../core/engine/connection.ts";
import { tell } from "../../core/engine/tell.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { Peer } from "../../core/model/peer.ts";
import { Asks } from "./asks.ts";
import type { Joining } from "./joining.ts";
import type { Member } from "./member.ts";
import type { RoomsConfig } from "./options.ts";
import type { Joined } from "./read-item.ts";
import { Room } from "./room.ts";
import {
  type PresenceChange,
  ROOM_EVENT,
  type RoomAnswers,
  type RoomEventItem,
  type RoomItem,
  type RoomMember,
} from "./room-item.ts";
import type { Audience, SharedBudget } from "./room-log.ts";
import { RoomNodes } from "./room-nodes.ts";
import { checkPolicy } from "./rules.ts";

/** Is told of each change of presence; in a cluster once, at the node that has the member. */
export type PresenceHook = (room: string, change: PresenceChange, member: RoomMember) => void;

/** The rooms of a server by name, and in which ones each peer is. */
export class RoomTable {
  readonly config: RoomsConfig;
  readonly asks: Asks;
  readonly #host: Host;
  readonly #rooms = new Map<string, Room>();
  readonly #ofPeer = new Map<string, Set<Room>>();
  readonly #hooks: PresenceHook[] = [];
  readonly #budget: SharedBudget;
  readonly #nodes: RoomNodes;

  constructor(host: Host, config: RoomsConfig) {
    this.#host = host;
    this.config = config;
    this.asks = new Asks(config.clock);
    this.#budget = { maxBytes: config.limits.keptBytesOfAll, usedBytes: 0 };
    this.#nodes = new RoomNodes(host.nodes, {
      asks: this.asks,
      maxAskMs: config.maxAskMs,
      maxAnswersBytes: config.limits.maxAnswersBytes,
      rooms: () => [...this.#rooms.values()],
      find: (name) => this.#rooms.get(name),
      obtain: (name) => this.#obtain(name),
      tidy: (room) => this.#tidy(room),
    });
  }

  get names(): readonly string[] {
    return [...this.#rooms.keys()];
  }

  find(name: string): Room | undefined {
    return this.#rooms.get(name);
  }

  onPresence(hook: PresenceHook): void {
    this.#hooks.push(hook);
  }

  /** @throws why it may not, or cannot */
  async join(name: string, joining: Joining): Promise<Joined> {
    const { peer, principal, data } = joining;
    checkEvents(peer);
    const rules = this.config.rules.find(name);
    await checkPolicy(rules.join ?? "proven", "join", { room: name, peer, principal, data });
    // Whoever has gone while a policy thought would stay a member for ever.
    if (peer.ending) throw new SealwireError("UNAVAILABLE", "the connection has ended");
    const rooms = this.#ofPeer.get(peer.id) ?? new Set();
    const { maxRoomsPerPeer, maxMembers } = this.config.limits;
    const known = this.#rooms.get(name);
    if (rooms.size >= maxRoomsPerPeer && !(known && rooms.has(known))) {
      throw limited(`you are in ${rooms.size} rooms, and no more may be: leave one first`);
    }
    const room = known ?? this.#open(name, rules.maxMembers ?? maxMembers);
    const joined = room.join(joining);
    // A hook that was told of it may have put the member out again.
    if (room.memberOf(peer)) this.#ofPeer.set(peer.id, rooms.add(room));
    return joined;
  }

  /** A peer has gone; with an error its connection broke, and it may come back. */
  disconnected(peer: Peer, error: Error | undefined): void {
    for (const room of [...(this.#ofPeer.get(peer.id) ?? [])]) {
      const member = room.memberOf(peer);
      if (!member) continue;
      const withdrawn = (peer.principal ?? member.principal)?.revoked?.aborted;
      if (error && !withdrawn) room.away(member);
      else room.remove(member);
    }
    this.#ofPeer.delete(peer.id);
  }

  /** A peer has no channel now, or has one again: its place is kept meanwhile. */
  asleep(peer: Peer, asleep: boolean): void {
    for (const room of this.#ofPeer.get(peer.id) ?? []) {
      const member = room.memberOf(peer);
      if (member) room.asleep(member, asleep);
    }
  }

  /** Tells members something; how many it is for. */
  emit(room: Room, event: Pick<RoomEventItem, "name" | "data" | "from">, to: Audience): number {
    room.emit(event, to);
    this.#nodes.emit(room, event, to);
    return room.audienceOf(to).length;
  }

  /** The same, and gathers what they answer. */
  ask(
    room: Room,
    event: Pick<RoomEventItem, "name" | "data" | "from">,
    asking: Audience & { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
  ): Promise<RoomAnswers> {
    const { timeoutMs, signal } = asking;
    const members = room.audienceOf(asking);
    const maxBytes = this.config.limits.maxAnswersBytes;
    const { id, answers } = this.asks.open({ members, timeoutMs, maxBytes, signal });
    if (members.length > 0) {
      room.emit({ ...event, ask: id }, asking);
      this.#nodes.emit(room, event, asking, { ask: id, timeoutMs });
    }
    return answers;
  }

  /** Puts a member out, whichever node has it. */
  putOut(room: Room, member: Member, reason: string): void {
    if (member.node !== undefined) this.#nodes.putOut(room, member, reason);
    else room.remove(member, reason);
  }

  close(): void {
    this.asks.close();
    for (const room of this.#rooms.values()) room.close();
    this.#rooms.clear();
    this.#ofPeer.clear();
  }

  #open(name: string, maxMembers: number): Room {
    const { maxRooms } = this.config.limits;
    if (this.#rooms.size >= maxRooms)
      throw limited(`there are ${maxRooms} rooms, and no more may be`);
    const room = new Room(name, this.#roomOwner(), maxMembers);
    this.#rooms.set(name, room);
    return room;
  }

  /** For a member at another node; `undefined` where there may be no such room. */
  #obtain(name: string): Room | undefined {
    const known = this.#rooms.get(name);
    if (known) return known;
    try {
      const { maxMembers = this.config.limits.maxMembers } = this.config.rules.find(name);
      return this.#open(name, maxMembers);
    } catch (thrown) {
      const { message } = SealwireError.from(thrown);
      this.config.logger.warn(
        { room: name },
        `a room of another node is not shown here: ${message}`,
      );
      return undefined;
    }
  }

  /** A room is there as long as somebody is in it. */
  #tidy(room: Room): void {
    if (room.size > 0 || this.#rooms.get(room.name) !== room) return;
    this.#rooms.delete(room.name);
    room.close();
  }

  #roomOwner(): ConstructorParameters<typeof Room>[1] {
    return {
      config: this.config,
      self: this.#host.nodes.self ?? "",
      budget: this.#budget,
      emit: (peer, item) => this.#emit(peer, item),
      detached: (room, peer) => {
        const rooms = this.#ofPeer.get(peer.id);
        if (rooms?.delete(room) && rooms.size === 0) this.#ofPeer.delete(peer.id);
      },
      changed: (room, change, member) => this.#changed(room, change, member),
    };
  }

  #emit(peer: Peer, item: RoomItem): Promise<unknown> | undefined {
    if (peer instanceof Connection && !peer.ending && !peer.blocked) {
      peer.push(ROOM_EVENT, item);
      return undefined;
    }
    // A host throws at once for a peer that has gone; here all failures are rejections.
    return Promise.resolve().then(() => this.#host.emit(ROOM_EVENT, item, [peer]));
  }

  #changed(room: Room, change: PresenceChange, member: Member): void {
    if (change === "left") this.asks.left(member.id);
    if (member.node === undefined) this.#nodes.changed(room, change, member);
    this.#tidy(room);
    if (!this.#nodes.speaksFor(member)) return;
    const { shown } = member;
    for (const hook of this.#hooks) {
      tell(this.config.logger, { room: room.name }, () => hook(room.name, change, shown));
    }
  }
}

/** A member that cannot be told anything would only seem to be one. */
function checkEvents(peer: Peer): void {
  if (!(peer instanceof Connection) || peer.vocabulary.kinds.has("event")) return;
  const message = `the dialect ${peer.dialect} has no events, so nothing of a room could reach you`;
  throw new SealwireError("UNSUPPORTED", message);
}

function limited(message: string): SealwireError {
  return new SealwireError("RATE_LIMITED", message);
}
