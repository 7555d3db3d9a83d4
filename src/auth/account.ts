import type { Clock } from "../core/contracts/clock.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { Principal } from "../core/model/peer.ts";

/** Whom a key, a password or a token stands for. */
export interface Account {
  readonly user: string | number;
  /** What the user may do beside calling; procedures ask for them. @default none */
  readonly scopes?: readonly string[] | undefined;
  /** Milliseconds since the epoch. @default never */
  readonly expiresAt?: number | undefined;
}

/** An account, or its user alone. */
export type AccountOrUser = Account | string | number;

/** What tells the time to authenticators. @default the system's clock */
export type Now = Pick<Clock, "now">;

/** The system's clock. */
export const SYSTEM_TIME: Now = Object.freeze({ now: () => Date.now() });

/** An account in full. */
export function accountOf(account: AccountOrUser): Account {
  return typeof account === "object" ? account : { user: account };
}

/** The principal that an account proves to be. */
export function principalOf(account: Account, revoked?: AbortSignal): Principal {
  const { user, scopes = [], expiresAt } = account;
  return {
    id: user,
    scopes: new Set(scopes),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(revoked === undefined ? {} : { revoked }),
  };
}

/** @throws `UNAUTHENTICATED` when the account has expired */
export function checkNotExpired(account: Account, time: Now): void {
  if (account.expiresAt === undefined || time.now() < account.expiresAt) return;
  throw new SealwireError(
    "UNAUTHENTICATED",
    `these credentials expired at ${new Date(account.expiresAt).toISOString()}; ask for new ones`,
  );
}

/**
 * A user as written on a command line or in a file: what looks like a whole number is one, so
 * that `1` in a list of users is the same as the number 1 in a program.
 */
export function parseUser(text: string): string | number {
  return /^(?:0|-?[1-9]\d{0,14})$/.test(text) ? Number(text) : text;
}
