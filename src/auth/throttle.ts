import type { Authenticator } from "../core/contracts/authenticator.ts";
import { networkOf } from "../core/engine/network.ts";
import type { Evidence } from "../core/model/credentials.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { Principal } from "../core/model/peer.ts";
import { type Now, SYSTEM_TIME } from "./account.ts";
import { RecentMap } from "./recent-map.ts";

/** How often somebody may fail to prove who he is. */
export interface ThrottleOptions {
  /**
   * Failures from one address (of IPv6, one network of 64 bits) within the window; afterwards
   * attempts from there are refused without being looked at.
   *
   * @default 20
   */
  readonly perAddress?: number;
  /**
   * Failures for one user name within the window, from wherever; afterwards that name is refused,
   * the right password too. More than `perAddress`, so that one address cannot lock out a user.
   *
   * @default 100
   */
  readonly perAccount?: number;
  /** How long a failure counts. @default 300_000 */
  readonly windowMs?: number;
  /** Addresses and names that are remembered; beyond, the oldest are forgotten. @default 100_000 */
  readonly maxRemembered?: number;
  readonly clock?: Now;
}

/** The defaults of `throttled`. */
export const THROTTLE_DEFAULTS: Required<Omit<ThrottleOptions, "clock">> = Object.freeze({
  perAddress: 20,
  perAccount: 100,
  windowMs: 300_000,
  maxRemembered: 100_000,
});

/**
 * Limits how often somebody may guess. It belongs around all other authenticators together, since
 * evidence that nobody takes counts as a failure too. A success forgives earlier failures.
 *
 * @throws `INVALID_ARGUMENT` when a limit is not a number from 1 on
 */
export function throttled(
  authenticator: Authenticator,
  options: ThrottleOptions = {},
): Authenticator {
  const limits = { ...THROTTLE_DEFAULTS, ...options };
  checkLimits(limits);
  const clock = options.clock ?? SYSTEM_TIME;
  const addresses = new FailureCount(limits.perAddress, limits, clock);
  const accounts = new FailureCount(limits.perAccount, limits, clock);
  return {
    async authenticate(evidence, peer) {
      if (evidence.scheme === "anonymous") return authenticator.authenticate(evidence, peer);
      const address = addresses.attempt(networkOf(peer.remote), "this address");
      const user = userOf(evidence);
      const account = user === undefined ? undefined : accounts.attempt(user, "this user");
      const attempts = account === undefined ? [address] : [address, account];
      return judge(attempts, evidence, () => authenticator.authenticate(evidence, peer));
    },
    ...(authenticator.findSecret === undefined
      ? {}
      : { findSecret: async (fits) => authenticator.findSecret?.(fits) }),
  };
}

/** Takes the outcome down, whatever it is. */
async function judge(
  attempts: readonly Attempt[],
  evidence: Evidence,
  run: () => Promise<Principal | undefined>,
): Promise<Principal | undefined> {
  let outcome: Outcome = "failed";
  try {
    const principal = await run();
    if (principal !== undefined) outcome = "proven";
    return principal;
  } catch (error) {
    if (!tellsAgainst(error, evidence)) outcome = "undecided";
    throw error;
  } finally {
    for (const attempt of attempts) attempt(outcome);
  }
}

/**
 * A refusal tells against the peer; a store that is down does not. In a password exchange the
 * client learns first whether its guess was right, and could leave before it is refused: there
 * every end but a proof counts.
 */
function tellsAgainst(error: unknown, evidence: Evidence): boolean {
  return evidence.scheme === "pake" || SealwireError.from(error).code === "UNAUTHENTICATED";
}

type Outcome = "proven" | "failed" | "undecided";
/** Called once, when an attempt has come to its end. */
type Attempt = (outcome: Outcome) => void;

/** A server with one password for all has no names; there only addresses are counted. */
function userOf(evidence: Evidence): string | undefined {
  return "user" in evidence && evidence.user !== "" ? evidence.user : undefined;
}

interface Failures {
  failed: number;
  pending: number;
  readonly until: number;
}

class FailureCount {
  readonly #limit: number;
  readonly #windowMs: number;
  readonly #clock: Now;
  readonly #byName: RecentMap<string, Failures>;

  constructor(
    limit: number,
    options: { readonly windowMs: number; readonly maxRemembered: number },
    clock: Now,
  ) {
    this.#limit = limit;
    this.#windowMs = options.windowMs;
    this.#clock = clock;
    this.#byName = new RecentMap(options.maxRemembered);
  }

  /** @throws `RATE_LIMITED` when there have been too many failures */
  attempt(name: string, what: string): Attempt {
    const failures = this.#failuresOf(name);
    // Once somebody has failed, those still being judged count too: no burst gets past the limit.
    const counted = failures.failed === 0 ? 0 : failures.failed + failures.pending;
    if (counted >= this.#limit) throw tooMany(what, failures.until - this.#clock.now());
    failures.pending++;
    return (outcome) => {
      failures.pending--;
      if (outcome === "failed") failures.failed++;
      else if (outcome === "proven") failures.failed = 0;
      const over = failures.failed === 0 && failures.pending === 0;
      if (over && this.#byName.get(name) === failures) this.#byName.delete(name);
    };
  }

  #failuresOf(name: string): Failures {
    const now = this.#clock.now();
    const known = this.#byName.get(name);
    if (known !== undefined && now < known.until) return known;
    const fresh = { failed: 0, pending: 0, until: now + this.#windowMs };
    this.#byName.set(name, fresh);
    return fresh;
  }
}

function tooMany(what: string, waitMs: number): SealwireError {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  return new SealwireError(
    "RATE_LIMITED",
    `too many failed attempts from ${what}, try again in ${seconds} s`,
    { details: { retryAfterMs: Math.max(0, waitMs) } },
  );
}

function checkLimits(limits: Required<Omit<ThrottleOptions, "clock">>): void {
  for (const name of ["perAddress", "perAccount", "windowMs", "maxRemembered"] as const) {
    if (limits[name] >= 1) continue;
    throw new SealwireError("INVALID_ARGUMENT", `${name} is ${limits[name]}; it must be 1 or more`);
  }
}
