import { decodeBase64Url } from "../bytes/decode-base64.ts";
import { encodeBase64Url } from "../bytes/encode-base64.ts";
import { equalBytes } from "../bytes/equal.ts";
import { join } from "../bytes/join.ts";
import { encodeHex } from "../bytes/text.ts";
import type { Clock } from "../core/contracts/clock.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { Principal } from "../core/model/peer.ts";
import { randomBytes } from "../crypto/random.ts";
import { hmacSha256 } from "../crypto/sha256.ts";

/** What a ticket stands for. */
export interface TicketContent {
  readonly principal: Principal;
  readonly encryptionKey?: string;
  readonly authenticate?: boolean;
}

interface Issued extends TicketContent {
  readonly expiresAt: number;
}

/** More tickets than this are not out at once. */
const MAX_TICKETS = 10_000;
const ID_BYTES = 16;

/**
 * Tickets stand for keys in addresses, which land in logs: they can be used once, and not for long.
 * The keys themselves stay in the memory of the proxy.
 */
export class Tickets {
  readonly #key = randomBytes(32);
  readonly #issued = new Map<string, Issued>();
  readonly #clock: Clock;
  readonly #lifetimeMs: number;

  constructor(clock: Clock, lifetimeMs: number) {
    this.#clock = clock;
    this.#lifetimeMs = lifetimeMs;
  }

  get lifetimeMs(): number {
    return this.#lifetimeMs;
  }

  /** @throws `RATE_LIMITED` when too many are out. */
  issue(content: TicketContent): string {
    this.#dropExpired();
    if (this.#issued.size >= MAX_TICKETS) {
      throw new SealwireError("RATE_LIMITED", "too many tickets are out; come back in a minute");
    }
    const id = randomBytes(ID_BYTES);
    this.#issued.set(encodeHex(id), {
      ...content,
      expiresAt: this.#clock.now() + this.#lifetimeMs,
    });
    return encodeBase64Url(join([id, hmacSha256(this.#key, id)]));
  }

  /**
   * What the ticket stands for; it cannot be used again.
   *
   * @throws `UNAUTHENTICATED` when it was forged, used, or has expired.
   */
  redeem(ticket: string): TicketContent {
    const bytes = decodeBase64Url(ticket.slice(0, 128)) ?? new Uint8Array(0);
    const id = bytes.subarray(0, ID_BYTES);
    const genuine = equalBytes(bytes.subarray(ID_BYTES), hmacSha256(this.#key, id));
    const name = encodeHex(id);
    const issued = genuine ? this.#issued.get(name) : undefined;
    this.#issued.delete(genuine ? name : "");
    if (issued && issued.expiresAt > this.#clock.now()) return issued;
    const message = "the ticket is unknown, used or has expired; get a new one";
    throw new SealwireError("UNAUTHENTICATED", message);
  }

  /** Those that expire first were issued first. */
  #dropExpired(): void {
    const now = this.#clock.now();
    for (const [id, { expiresAt }] of this.#issued) {
      if (expiresAt > now) return;
      this.#issued.delete(id);
    }
  }
}
