import { weightOf } from "../../core/engine/weight.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { Peer, Principal } from "../../core/model/peer.ts";
import { Delivery } from "./delivery.ts";
import type { Joining } from "./joining.ts";
import { Member } from "./member.ts";
import { MembersElsewhere } from "./members-elsewhere.ts";
import type { RoomsConfig } from "./options.ts";
import type { Joined } from "./read-item.ts";
import type { PresenceChange, RoomEventItem, RoomItem, RoomMember } from "./room-item.ts";
import { type Audience, isFor, RoomLog, type SharedBudget } from "./room-log.ts";

/** What a room needs of those who keep it. */
export interface RoomOwner {
  readonly config: RoomsConfig;
  /** The name of this node of a cluster. */
  readonly self: string;
  readonly budget: SharedBudget;
  /** `undefined`: the peer's wire has room for more. Otherwise resolves when it has. */
  emit(peer: Peer, item: RoomItem): Promise<unknown> | undefined;
  changed(room: Room, change: PresenceChange, member: Member): void;
  /** This peer is not in this room any more. */
  detached(room: Room, peer: Peer): void;
}

/** A named group of peers, and what lately happened in it. */
export class Room {
  readonly name: string;
  readonly #owner: RoomOwner;
  readonly #maxMembers: number;
  readonly #log: RoomLog<RoomItem>;
  readonly #members = new Map<string, Member>();
  readonly #byPeer = new Map<string, Member>();
  /** Members that other nodes of a cluster have. */
  readonly elsewhere: MembersElsewhere;

  constructor(name: string, owner: RoomOwner, maxMembers: number) {
    this.name = name;
    this.#owner = owner;
    this.#maxMembers = maxMembers;
    const { keptEvents, keptBytes } = owner.config.limits;
    const bounds = { maxEntries: keptEvents, maxBytes: keptBytes, shared: owner.budget };
    this.#log = new RoomLog(bounds);
    this.elsewhere = new MembersElsewhere({
      ...{ config: owner.config, self: owner.self, members: this.#members, maxMembers },
      tell: (change, member) => this.#tell(change, member),
      detach: (member) => this.#detach(member),
      remove: (member) => this.remove(member),
    });
  }

  get size(): number {
    return this.#members.size;
  }

  /** The members that this node has. */
  get own(): readonly Member[] {
    return [...this.#members.values()].filter(({ node }) => node === undefined);
  }

  /** Everybody who is in it, away or not. */
  get here(): readonly RoomMember[] {
    return Array.from(this.#members.values(), ({ shown }) => shown);
  }

  memberOf(peer: Peer): Member | undefined {
    return this.#byPeer.get(peer.id);
  }

  find(id: string): Member | undefined {
    return this.#members.get(id);
  }

  /** @throws `RATE_LIMITED` when it is full, `PERMISSION_DENIED` for somebody else's ticket */
  join({ peer, principal, data, ticket, after }: Joining): Joined {
    const known = this.#byPeer.get(peer.id) ?? this.#holderOf(ticket, principal);
    const member = this.#takenHere(known, ticket, principal) ?? this.#admit(principal, data);
    const moved = known !== undefined && known !== member;
    const wasAway = moved || known?.away === true;
    // The numbers of another node say nothing here.
    const mayRecover = known !== undefined && !moved && after !== undefined;
    const recovered = mayRecover && this.#log.reaches(after);
    const delivery = this.#attach(member, peer, recovered ? after : this.#log.last);
    const others = { except: new Set([member.id]) };
    if (!known) this.#tell("joined", member, others);
    if (wasAway) this.#tell("back", member, others);
    delivery.wake();
    const seq = recovered ? after : this.#log.last;
    const members = recovered ? [] : this.here;
    return { member: member.id, ticket: member.ticket, seq, recovered, members };
  }

  /** Ends a membership; with a reason the member did not ask for it and is told. */
  remove(member: Member, reason?: string): void {
    if (!this.#members.delete(member.id)) return;
    const { peer } = member.delivery ?? {};
    this.#detach(member);
    member.cancelLeaving?.();
    if (peer && reason !== undefined) {
      const item = { kind: "out", room: this.name, reason } as const;
      // A peer that goes in this moment needs no telling.
      this.#owner.emit(peer, item)?.catch(() => {});
    }
    this.#tell("left", member);
  }

  /** The connection of a member broke: for a while it may come back. */
  away(member: Member): void {
    const { clock, graceMs } = this.#owner.config;
    if (!member.asleep) this.asleep(member, true);
    this.#detach(member);
    const leftMs = Math.min(graceMs, member.awaySinceMs + graceMs - clock.now());
    if (leftMs <= 0) return this.remove(member);
    member.cancelLeaving = clock.after(leftMs, () => this.remove(member));
  }

  /** The connection of a member has no channel now, or has one again. */
  asleep(member: Member, asleep: boolean): void {
    member.asleep = asleep;
    if (asleep) member.awaySinceMs = this.#owner.config.clock.now();
    this.#tell(asleep ? "away" : "back", member, { except: new Set([member.id]) });
  }

  /** A member says something else of itself. */
  change(member: Member, data: unknown): void {
    member.data = data;
    member.version += 1;
    this.#tell("changed", member);
  }

  /** Tells members something. */
  emit(event: Pick<RoomEventItem, "name" | "data" | "from" | "ask">, audience: Audience): void {
    const make = (seq: number): RoomItem => ({ kind: "event", room: this.name, seq, ...event });
    this.#publish(make, weightOf(event.data) + event.name.length, audience);
  }

  /** Those whom it would be for. */
  audienceOf(audience: Audience, members?: Iterable<Member>): readonly string[] {
    const ids = Array.from(members ?? this.#members.values(), ({ id }) => id);
    return ids.filter((id) => isFor(audience, id));
  }

  /** Puts out a member that this node has. */
  putOut(id: string, reason: string): void {
    const member = this.#members.get(id);
    if (member?.node === undefined && member) this.remove(member, reason);
  }

  /** Ends it for everybody, in silence. */
  close(): void {
    for (const member of this.#members.values()) {
      this.#detach(member);
      member.cancelLeaving?.();
    }
    this.#members.clear();
    this.#log.clear();
  }

  #holderOf(ticket: string | undefined, principal: Principal | undefined): Member | undefined {
    const member = this.#members.get(ticket?.split(".", 1)[0] ?? "");
    if (!member || ticket === undefined) return undefined;
    if (member.owns(ticket) && member.user === principal?.id) return member;
    const message = `the place in the room ${this.name} is somebody else's: join without a ticket`;
    throw new SealwireError("PERMISSION_DENIED", message);
  }

  /** Somebody whom another node has, or had, is here now. */
  #takenHere(
    known: Member | undefined,
    ticket: string | undefined,
    principal: Principal | undefined,
  ): Member | undefined {
    if (known?.node === undefined || ticket === undefined) return known;
    known.cancelLeaving?.();
    const member = known.takenOver(ticket, principal);
    this.#members.set(member.id, member);
    return member;
  }

  #admit(principal: Principal | undefined, data: unknown): Member {
    if (this.#members.size >= this.#maxMembers) this.#makeRoom();
    const member = new Member({ principal, data, showsUser: this.#owner.config.users });
    this.#members.set(member.id, member);
    return member;
  }

  /** Those who are away may never come back, and must not keep others out. */
  #makeRoom(): void {
    const away = [...this.#members.values()].filter((member) => member.away);
    const [longest] = away.sort((a, b) => a.awaySinceMs - b.awaySinceMs);
    if (longest) return this.remove(longest);
    const message = `the room ${this.name} is full: ${this.#maxMembers} are in it`;
    throw new SealwireError("RATE_LIMITED", message);
  }

  #attach(member: Member, peer: Peer, sent: number): Delivery {
    if (member.delivery?.peer.id !== peer.id) this.#detach(member);
    member.delivery?.stop();
    member.cancelLeaving?.();
    member.cancelLeaving = undefined;
    member.asleep = false;
    this.#byPeer.set(peer.id, member);
    member.delivery = this.#delivery(member, peer, sent);
    return member.delivery;
  }

  #detach(member: Member): void {
    const { delivery } = member;
    if (!delivery) return;
    delivery.stop();
    member.delivery = undefined;
    this.#byPeer.delete(delivery.peer.id);
    this.#owner.detached(this, delivery.peer);
  }

  #delivery(member: Member, peer: Peer, sent: number): Delivery {
    return new Delivery(peer, member.id, sent, {
      log: this.#log,
      mayGoOn: () => this.#mayGoOn(member, peer),
      snapshot: () => {
        return { kind: "here", room: this.name, seq: this.#log.last, members: this.here };
      },
      emit: (to, item) => this.#owner.emit(to, item),
    });
  }

  /** Who cannot prove any more who it is hears nothing more. */
  #mayGoOn(member: Member, peer: Peer): boolean {
    const { expiresAt } = peer.principal ?? member.principal ?? {};
    if (expiresAt === undefined || expiresAt > this.#owner.config.clock.now()) return true;
    this.remove(member, "the credentials have expired: prove anew who you are, and join again");
    return false;
  }

  #tell(change: PresenceChange, member: Member, audience: Audience = {}): void {
    const { shown } = member;
    const make = (seq: number): RoomItem => {
      return { kind: "presence", room: this.name, seq, change, member: shown };
    };
    this.#publish(make, weightOf(shown), audience);
    this.#owner.changed(this, change, member);
  }

  #publish(make: (seq: number) => RoomItem, bytes: number, audience: Audience): void {
    const { own } = this;
    if (own.length === 0) return;
    this.#log.add(make, bytes, audience);
    for (const { delivery } of own) delivery?.wake();
  }
}
