import type { ConnectionState } from "../core/contracts/feature.ts";
import type { Connection } from "../core/engine/connection.ts";
import type { Link } from "../core/engine/handshake.ts";
import { type LastingLink, lastingLink } from "../core/engine/lasting-channel.ts";
import { loadScheme } from "../core/engine/load-scheme.ts";
import { type ErrorCode, SealwireError, UNPROVEN } from "../core/model/errors.ts";
import type { Dialing } from "./dial.ts";
import { goodbyeError, isFinal } from "./endings.ts";
import type { Keeper } from "./keeper.ts";
import { pauseMs } from "./pause.ts";
import { Waiters } from "./waiters.ts";

/**
 * How a client comes back: with its session over another channel, else anew. Pages load it while
 * they connect for the first time; after a break it would be too late.
 */
export class WayBack {
  readonly #keeper: Keeper;
  readonly #fallbacks: readonly URL[];
  readonly #waiters = new Waiters();
  readonly #leavingTimers = new Map<Connection, () => void>();
  #link: LastingLink | undefined;
  /** The connection in use, while it has no channel. */
  #away: Connection | undefined;
  #wake: (() => void) | undefined;
  /** Whether features know of this break. */
  #told = false;
  #attempt = 0;
  #usedSince = 0;

  /** @throws `INVALID_ARGUMENT` for a fallback that is no address */
  constructor(keeper: Keeper) {
    this.#keeper = keeper;
    this.#fallbacks = (keeper.dialing.config.fallbacks ?? []).map(urlOf);
  }

  /** The same link, so that it lasts if its session may. */
  lasting(link: Link, connection: () => Connection | undefined): Link {
    const { resumption } = link.session;
    this.#link = resumption && this.#lasting(link, resumption.windowMs, connection);
    return this.#link ?? link;
  }

  /** A connection is used from now on. */
  used(connection: Connection): void {
    this.#away = undefined;
    this.#told = false;
    this.#usedSince = this.#now();
    this.#waiters.resolve(connection);
  }

  /** Resolves with the next usable connection. @throws as `Waiters.wait`; why nobody comes back */
  wait(signal: AbortSignal | undefined): Promise<Connection> {
    const { connection, final, dialing } = this.#keeper;
    if (connection) return Promise.resolve(connection);
    if (final) return Promise.reject(final);
    return this.#waiters.wait(dialing.config.limits.maxWaitingCalls, signal);
  }

  /** The connection in use is lost. */
  begin(connection: Connection, error: SealwireError): void {
    if (this.#now() - this.#usedSince >= STABLE_MS) this.#attempt = 0;
    if (connection.away) this.#away = connection;
    this.#tell("broken", error);
    void this.#comeBack(error);
  }

  /** The server will close: new calls wait for another connection, running ones may finish. */
  leaving(reason: string | undefined, connection: Connection): void {
    const error = goodbyeError(reason);
    if (isFinal(error)) {
      this.#keeper.end(error);
      void connection.close();
      return;
    }
    this.#keeper.lost(connection, error);
    if (connection.ending || this.#leavingTimers.has(connection)) return;
    // A server that says goodbye and stays would gather connections here.
    const { clock } = this.#keeper.dialing.surroundings.platform;
    this.#leavingTimers.set(
      connection,
      clock.after(LEAVE_MS, () => void connection.close()),
    );
  }

  /** A connection has ended. */
  gone(connection: Connection): void {
    this.#leavingTimers.get(connection)?.();
    this.#leavingTimers.delete(connection);
  }

  /** Nobody comes back. */
  close(error: SealwireError): void {
    this.#wake?.();
    if (this.#kept) this.#link?.lasting.giveUp(error);
    this.#waiters.reject(error);
  }

  /** Whether the session of the connection that broke may still go on. */
  get #kept(): boolean {
    return this.#away?.away === true;
  }

  /** Features hear of a break when the session ends with it, and then always of the break. */
  #tell(state: ConnectionState, error: SealwireError): void {
    const { owner } = this.#keeper;
    owner.state(state, error, false);
    if (this.#kept) return;
    if (state !== "broken") this.#tellBreak();
    this.#told = true;
    owner.featureState(state);
  }

  #tellBreak(): void {
    if (!this.#told) this.#keeper.owner.featureState("broken");
    this.#told = true;
  }

  /** Whether somebody is connected, or nobody wants to be any more. */
  get #settled(): boolean {
    return this.#keeper.final !== undefined || this.#keeper.connection !== undefined;
  }

  #now(): number {
    return this.#keeper.dialing.surroundings.platform.clock.now();
  }

  #lasting(link: Link, windowMs: number, connection: () => Connection | undefined): LastingLink {
    const { clock } = this.#keeper.dialing.surroundings.platform;
    const onLost = (error: SealwireError): void => this.#keeper.lost(connection(), error);
    return lastingLink(link, { clock, windowMs, gate: this.#keeper.gate(), onLost });
  }

  async #comeBack(first: SealwireError): Promise<void> {
    const keeper = this.#keeper;
    const { logger, reconnect } = keeper.dialing.config;
    let error = first;
    if (reconnect === false) return;
    while (this.#attempt < reconnect.attempts) {
      const attempt = this.#attempt++;
      await this.#pause(pauseMs(attempt, reconnect));
      if (this.#settled) return;
      try {
        this.#tell("connecting", error);
        const at = await this.#way(attempt);
        if (await this.#goOn(at)) return;
        this.#tellBreak();
        return await keeper.connect(undefined, at);
      } catch (thrown) {
        error = SealwireError.from(thrown, "UNAVAILABLE");
        logger.warn({ code: error.code, attempt }, `reconnecting failed: ${error.message}`);
        if (isFinal(error) || keeper.hopeless(error)) return keeper.end(error);
        if (!this.#settled) this.#tell("broken", error);
      }
    }
    keeper.end(error);
  }

  /** Where to: the client's own address, then the others in turn. */
  async #way(attempt: number): Promise<Dialing> {
    const { dialing } = this.#keeper;
    const address = this.#fallbacks[(attempt % (this.#fallbacks.length + 1)) - 1];
    return address ? wayTo(address, dialing) : dialing;
  }

  /** Leads the session over another channel. @throws what keeps it from there now, and may pass */
  async #goOn(at: Dialing): Promise<boolean> {
    const [away, link] = [this.#away, this.#link];
    if (!this.#kept || !away || !link) return false;
    const { lasting, session } = link;
    const turn = lasting.take();
    try {
      const next = await this.#keeper.dial(session, at);
      if (lasting.attach(next, turn)) {
        this.#keeper.use(away, true);
        return true;
      }
      void next.channel.close(new SealwireError("CANCELLED", "the session has ended meanwhile"));
    } catch (thrown) {
      const error = SealwireError.from(thrown, "UNAVAILABLE");
      if (mayPass(error)) throw error;
      lasting.giveUp(error);
    }
    return false;
  }

  /** A client that waits to come back is as open as one that is connected. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const { clock } = this.#keeper.dialing.surroundings.platform;
      const cancel = clock.after(ms, resolve, true);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}

/** A connection that lasted so long ends a row of failures. */
const STABLE_MS = 5_000;
/** How long calls that run may take to end after the server has said goodbye. */
const LEAVE_MS = 60_000;

/** What a broken path looks like; everything else was said by the server. */
const PASSING: ReadonlySet<ErrorCode> = new Set([
  "UNAVAILABLE",
  "DEADLINE_EXCEEDED",
  "CANCELLED",
  "HANDSHAKE_FAILED",
]);

/** An alert may be forged, which costs the session and no more: so could cutting the path. */
function mayPass(error: SealwireError): boolean {
  return PASSING.has(error.code) && error.details !== UNPROVEN;
}

/** Another address of the same server, of any transport that is there. */
async function wayTo(address: URL, dialing: Dialing): Promise<Dialing> {
  const scheme = await loadScheme(address, dialing.surroundings.schemes);
  if (scheme) return { ...dialing, address, transport: scheme.transport };
  const message = `fallbacks: nobody knows the scheme of ${address.protocol}//…`;
  throw new SealwireError("INVALID_ARGUMENT", message);
}

function urlOf(at: string | URL): URL {
  if (URL.canParse(String(at))) return new URL(at);
  // The text is not shown: it may hold a password.
  throw new SealwireError("INVALID_ARGUMENT", "fallbacks: one of them is no address");
}
