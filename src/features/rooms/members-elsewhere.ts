import { Member, type MemberTold } from "./member.ts";
import type { RoomsConfig } from "./options.ts";
import type { PresenceChange } from "./room-item.ts";

/** What the members at other nodes need of their room. */
export interface MembersElsewhereOwner {
  readonly config: RoomsConfig;
  readonly members: Map<string, Member>;
  readonly maxMembers: number;
  readonly self: string;
  /** Tells those who are here of a change. */
  tell(change: PresenceChange, member: Member): void;
  /** It is not here any more: its connection hears nothing of the room. */
  detach(member: Member): void;
  remove(member: Member): void;
}

/** Members of one room that other nodes of the cluster have. */
export class MembersElsewhere {
  readonly #owner: MembersElsewhereOwner;
  /** Members of a node that it has not named yet while it tells of all. */
  readonly #unnamed = new Map<string, Set<string>>();

  constructor(owner: MembersElsewhereOwner) {
    this.#owner = owner;
  }

  /** A node says something of a member that it has. */
  learn(node: string, told: MemberTold): void {
    this.#unnamed.get(node)?.delete(told.id);
    const known = this.#owner.members.get(told.id);
    if (!known) return this.#add(node, told);
    if (!this.#isRight(node, told, known)) return;
    const { away, version } = known;
    if (known.node === undefined) this.#owner.detach(known);
    known.cancelLeaving?.();
    known.cancelLeaving = undefined;
    known.learn(node, told);
    if (away !== told.away) this.#owner.tell(told.away ? "away" : "back", known);
    else if (version !== told.version) this.#owner.tell("changed", known);
  }

  /** A node says that a member has left. */
  left(node: string, id: string): void {
    const known = this.#owner.members.get(id);
    if (known?.node === node) this.#owner.remove(known);
  }

  /** A node begins to tell of all that it has. */
  begin(node: string): void {
    const there = [...this.#owner.members.values()].filter((member) => member.node === node);
    this.#unnamed.set(node, new Set(there.map(({ id }) => id)));
  }

  /** It has told of all: whom it did not name has left meanwhile. */
  end(node: string): void {
    for (const id of this.#unnamed.get(node) ?? []) this.left(node, id);
    this.#unnamed.delete(node);
  }

  /** A node has gone: its members may come back, here or elsewhere. */
  gone(node: string): void {
    this.#unnamed.delete(node);
    const { config, members } = this.#owner;
    for (const member of [...members.values()]) {
      if (member.node !== node || member.cancelLeaving) continue;
      const wasAway = member.away;
      member.lost();
      member.awaySinceMs = config.clock.now();
      member.cancelLeaving = config.clock.after(config.graceMs, () => this.#owner.remove(member));
      if (!wasAway) this.#owner.tell("away", member);
    }
  }

  #add(node: string, told: MemberTold): void {
    const { members, maxMembers, config } = this.#owner;
    // Nodes may let the last ones in at the same moment, but not as many again.
    if (members.size >= 2 * maxMembers) return;
    const member = new Member({ told, node, showsUser: config.users });
    members.set(member.id, member);
    this.#owner.tell("joined", member);
  }

  /** Two nodes may say that they have a member, when it moved while they could not speak. */
  #isRight(node: string, told: MemberTold, known: Member): boolean {
    if (told.epoch !== known.epoch) return told.epoch > known.epoch;
    return known.node === node || node < (known.node ?? this.#owner.self);
  }
}
