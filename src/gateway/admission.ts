import type { IncomingHttpHeaders } from "node:http";
import { throttled } from "../auth/throttle.ts";
import type { Authenticator } from "../core/contracts/authenticator.ts";
import type { Clock } from "../core/contracts/clock.ts";
import { SealwireError } from "../core/model/errors.ts";
import { ANONYMOUS, type Principal } from "../core/model/peer.ts";
import { type TicketContent, Tickets } from "./tickets.ts";

/** Judges the users of the proxy itself; what their peers prove is another matter. */
export class Admission {
  readonly #authenticator: Authenticator | undefined;
  readonly tickets: Tickets;

  constructor(authenticator: Authenticator | undefined, clock: Clock, ticketLifetimeMs: number) {
    this.#authenticator = authenticator && throttled(authenticator, { clock });
    this.tickets = new Tickets(clock, ticketLifetimeMs);
  }

  /** Whether everybody may come. */
  get open(): boolean {
    return this.#authenticator === undefined;
  }

  /**
   * Who the headers say it is: everybody is nobody in particular where no keys are asked for.
   * `undefined`: they say nothing, so that a proof has yet to come.
   *
   * @throws `UNAUTHENTICATED` for a wrong key, `RATE_LIMITED` after too many.
   */
  async byHeaders(headers: IncomingHttpHeaders, remote: string): Promise<Principal | undefined> {
    if (this.open) return ANONYMOUS;
    const key = keyIn(headers);
    return key === undefined ? undefined : this.byKey(key, remote);
  }

  /** @throws as `byHeaders` */
  async byKey(key: string, remote: string): Promise<Principal> {
    if (this.#authenticator === undefined) return ANONYMOUS;
    const peer = { id: remote, remote, dialect: "proxy" };
    const principal = await this.#authenticator.authenticate({ scheme: "api-key", key }, peer);
    if (principal) return principal;
    throw new SealwireError("UNAUTHENTICATED", "the API key is not known here; check it");
  }

  /** @throws `UNAUTHENTICATED` when it cannot be used (any more). */
  byTicket(ticket: string): TicketContent {
    const content = this.tickets.redeem(ticket);
    if (!content.principal.revoked?.aborted) return content;
    throw new SealwireError("UNAUTHENTICATED", "the API key behind the ticket was withdrawn");
  }
}

function keyIn(headers: IncomingHttpHeaders): string | undefined {
  const { authorization, "x-api-key": own } = headers;
  const bearer = /^Bearer +(\S{1,1024})$/i.exec(authorization ?? "")?.[1];
  if (bearer !== undefined) return bearer;
  return typeof own === "string" && own.length <= 1_024 ? own : undefined;
}
