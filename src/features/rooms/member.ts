import { equalBytes } from "../../bytes/equal.ts";
import { decodeHex, encodeHex } from "../../bytes/text.ts";
import type { Principal } from "../../core/model/peer.ts";
import { randomBytes } from "../../crypto/random.ts";
import { sha256 } from "../../crypto/sha256.ts";
import type { Delivery } from "./delivery.ts";
import type { RoomMember } from "./room-item.ts";

/** What other nodes of a cluster know of a member. */
export interface MemberTold {
  readonly id: string;
  readonly user?: string | number;
  readonly data?: unknown;
  readonly away: boolean;
  /** The digest of its secret, by which any node knows its ticket. */
  readonly proof: string;
  /** Counts the nodes that have had it: the later one is right. */
  readonly epoch: number;
  /** Counts what it has said of itself. */
  readonly version: number;
}

/** Somebody who is in a room, or away from it for a while. */
export class Member {
  readonly id: string;
  /** Who it was when it joined; at other nodes only the id is known. */
  readonly principal: Principal | undefined;
  readonly user: string | number | undefined;
  data: unknown;
  /** Absent while it is away, and while another node has it. */
  delivery: Delivery | undefined;
  /** The node of a cluster that has it; absent for this one. */
  node: string | undefined;
  epoch: number;
  version: number;
  /** Its connection has no channel now, and may have another soon. */
  asleep = false;
  /** When it went away last, in milliseconds since the epoch. */
  awaySinceMs = 0;
  /** Takes back the end of the time of grace. */
  cancelLeaving: (() => void) | undefined;
  readonly #secret: Uint8Array | undefined;
  readonly #showsUser: boolean;
  #proof: string | undefined;
  /** At another node. */
  #awayThere: boolean;

  constructor(made: MemberMade) {
    const { principal, showsUser, told, node, secret = told ? undefined : randomBytes(16) } = made;
    this.principal = principal;
    this.#showsUser = showsUser;
    this.#secret = secret;
    this.id = told?.id ?? encodeHex(randomBytes(8));
    this.user = principal?.id ?? told?.user;
    this.data = told ? told.data : made.data;
    this.node = node;
    this.epoch = told?.epoch ?? 1;
    this.version = told?.version ?? 1;
    this.#proof = told?.proof;
    this.#awayThere = told?.away ?? false;
  }

  get away(): boolean {
    return this.node === undefined ? this.delivery === undefined || this.asleep : this.#awayThere;
  }

  /** By which it is known when it comes back; for itself alone. */
  get ticket(): string {
    return `${this.id}.${this.#secret ? encodeHex(this.#secret) : ""}`;
  }

  /** Whether the secret half of this ticket is its own. */
  owns(ticket: string): boolean {
    const secret = secretOf(ticket);
    if (!secret) return false;
    if (this.#secret) return equalBytes(secret, this.#secret);
    return equalBytes(sha256(secret), decodeHex(this.#proof ?? "") ?? NOTHING);
  }

  /** The same member, from now on at this node; `ticket` is its own. */
  takenOver(ticket: string, principal: Principal | undefined): Member {
    const told = { ...this.told, epoch: this.epoch + 1 };
    const secret = secretOf(ticket);
    return new Member({ principal, showsUser: this.#showsUser, told, ...(secret && { secret }) });
  }

  /** Another node has it now, or says something new of it. */
  learn(node: string, { data, away, epoch, version }: MemberTold): void {
    this.node = node;
    this.data = data;
    this.epoch = epoch;
    this.version = version;
    this.#awayThere = away;
  }

  /** The node that had it has gone. */
  lost(): void {
    this.#awayThere = true;
  }

  /** As the others see it. */
  get shown(): RoomMember {
    const { id, user, data, away } = this;
    return {
      id,
      ...(this.#showsUser && user !== undefined && { user }),
      ...(data !== undefined && data !== null && { data }),
      away,
    };
  }

  /** As other nodes need it. */
  get told(): MemberTold {
    this.#proof ??= this.#secret && encodeHex(sha256(this.#secret));
    const { id, user, data, away, epoch, version } = this;
    return {
      ...{ id, data, away, epoch, version, proof: this.#proof ?? "" },
      ...(user !== undefined && { user }),
    };
  }
}

/** What a member is made of: somebody who joins, or what a node tells of one. */
export interface MemberMade {
  readonly principal?: Principal | undefined;
  readonly data?: unknown;
  readonly showsUser: boolean;
  readonly told?: MemberTold;
  readonly node?: string;
  readonly secret?: Uint8Array;
}

const NOTHING = new Uint8Array(0);

function secretOf(ticket: string): Uint8Array | undefined {
  return decodeHex(ticket.slice(ticket.indexOf(".") + 1));
}
