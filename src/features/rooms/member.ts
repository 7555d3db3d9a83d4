import { equalBytes } from "../../bytes/equal.ts";
import { decodeHex, encodeHex } from "../../bytes/text.ts";
import type { Principal } from "../../core/model/peer.ts";
import { randomBytes } from "../../crypto/random.ts";
import type { Delivery } from "./delivery.ts";
import type { RoomMember } from "./room-item.ts";

/** Somebody who is in a room, or away from it for a while. */
export class Member {
  readonly id: string = encodeHex(randomBytes(8));
  /** Who it was when it joined. */
  readonly principal: Principal | undefined;
  data: unknown;
  /** Absent while it is away. */
  delivery: Delivery | undefined;
  /** When it went away last, in milliseconds since the epoch. */
  awaySinceMs = 0;
  /** Takes back the end of the time of grace. */
  cancelLeaving: (() => void) | undefined;
  readonly #secret = randomBytes(16);
  readonly #showsUser: boolean;

  constructor(principal: Principal | undefined, data: unknown, showsUser: boolean) {
    this.principal = principal;
    this.data = data;
    this.#showsUser = showsUser;
  }

  /** By which it is known when it comes back; for itself alone. */
  get ticket(): string {
    return `${this.id}.${encodeHex(this.#secret)}`;
  }

  /** Whether the secret half of this ticket is its own. */
  owns(ticket: string): boolean {
    const secret = decodeHex(ticket.slice(ticket.indexOf(".") + 1));
    return secret !== undefined && equalBytes(secret, this.#secret);
  }

  /** As the others see it. */
  get shown(): RoomMember {
    const user = this.#showsUser ? this.principal?.id : undefined;
    return {
      id: this.id,
      ...(user !== undefined && { user }),
      ...(this.data !== undefined && this.data !== null && { data: this.data }),
      away: this.delivery === undefined,
    };
  }
}
