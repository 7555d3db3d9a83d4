import type { Presence, RoomMember } from "./room-item.ts";

/** Who is in a room, as a client knows it; tells each difference once. */
export class KnownMembers {
  readonly #members = new Map<string, RoomMember>();
  readonly #changed: (presence: Presence) => void;

  constructor(changed: (presence: Presence) => void) {
    this.#changed = changed;
  }

  get all(): readonly RoomMember[] {
    return [...this.#members.values()];
  }

  /** Somebody that is not known here is nobody but its id. */
  get(id: string): RoomMember {
    return this.#members.get(id) ?? { id, away: false };
  }

  change({ change, member }: Presence): void {
    if (change === "left") this.#members.delete(member.id);
    else this.#members.set(member.id, member);
    this.#changed({ change, member });
  }

  /** Nobody is known any more; that says nothing of where they are. */
  clear(): void {
    this.#members.clear();
  }

  /** What is here now; the differences are told as if they had just happened. */
  replace(members: readonly RoomMember[]): void {
    const here = new Set(members.map(({ id }) => id));
    for (const member of this.all) {
      if (!here.has(member.id)) this.change({ change: "left", member });
    }
    for (const member of members) {
      const known = this.#members.get(member.id);
      if (!known) this.change({ change: "joined", member });
      else if (known.away !== member.away) {
        this.change({ change: member.away ? "away" : "back", member });
      } else this.#members.set(member.id, member);
    }
  }
}
