import { encodeHex } from "../bytes/text.ts";
import type { Clock } from "../core/contracts/clock.ts";
import type { Dialect, KeptSession, KeptSessions } from "../core/contracts/dialect.ts";
import type { SessionHost } from "../core/contracts/session-host.ts";
import type { Channel } from "../core/contracts/transport.ts";
import type { Connection } from "../core/engine/connection.ts";
import { Gate } from "../core/engine/gate.ts";
import type { Link } from "../core/engine/handshake.ts";
import { type LastingLink, lastingLink } from "../core/engine/lasting-channel.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { Hooks } from "./hooks.ts";
import type { Take } from "./listeners.ts";
import type { ServerConfig } from "./options.ts";

/** Counts of sessions that go on over another channel. */
export interface SessionStatistics {
  /** Sessions that wait for a channel now. */
  readonly away: number;
  /** Sessions that went on so far. */
  readonly resumed: number;
  /** Channels that asked for a session which is not here, or was not theirs. */
  readonly refused: number;
}

/** A session that a greeting has taken for its channel. */
export interface Taken {
  readonly kept: Kept;
  readonly turn: number;
}

/** What one greeting knows of sessions. */
export interface SessionVisit {
  readonly sessions: KeptSessions | undefined;
  readonly taken: Taken | undefined;
  /** Whether it wanted to go on with one. */
  readonly asked: boolean;
}

type Visit = { -readonly [Key in keyof SessionVisit]: SessionVisit[Key] };

/** A connection whose session may go on over another channel. */
export interface Kept {
  readonly connection: Connection;
  readonly link: LastingLink;
}

/** Knows the sessions of a server that may go on over another channel, and bounds those that wait. */
export class SessionKeeper {
  readonly #config: ServerConfig;
  readonly #clock: Clock;
  readonly #byId = new Map<string, Kept>();
  readonly #ids = new Map<Connection, string>();
  /** The one that waits longest first. */
  readonly #away = new Set<Connection>();
  #prefix: Uint8Array = new Uint8Array(0);
  #lead: Parameters<SessionHost["onUnknown"]>[0] | undefined;
  #resumed = 0;
  #refused = 0;

  constructor(config: ServerConfig, clock: Clock) {
    this.#config = config;
    this.#clock = clock;
  }

  get statistics(): SessionStatistics {
    return { away: this.#away.size, resumed: this.#resumed, refused: this.#refused };
  }

  /** As `SessionHost` has it. */
  mark(prefix: Uint8Array): void {
    if (prefix.length > MAX_PREFIX_BYTES) throw longPrefix(prefix.length);
    this.#prefix = prefix.slice();
  }

  /** As `SessionHost` has it. */
  onUnknown(lead: Parameters<SessionHost["onUnknown"]>[0]): void {
    this.#lead = lead;
  }

  /** What features may do with them; `take` serves a channel as if it had come to a port. */
  hostWith(take: Take, { away }: Hooks): SessionHost {
    const failed = (channel: Channel) => (thrown: unknown) => {
      const { code, message } = SealwireError.from(thrown);
      const { remote } = channel;
      this.#config.logger.warn({ code, remote }, `a session that was led here failed: ${message}`);
    };
    return {
      mark: (prefix) => this.mark(prefix),
      onUnknown: (lead) => this.onUnknown(lead),
      onAway: (hook) => void away.push(hook),
      enter: (channel) => {
        const dialects = this.#dialects;
        if (dialects.length === 0) void channel.close(nobodyHere());
        else take(channel, { dialects, layers: [] }, channel.remote).catch(failed(channel));
      },
    };
  }

  /** Whether somebody knows of sessions that are not here. */
  get leads(): boolean {
    return this.#lead !== undefined && this.#config.resume !== false;
  }

  /** The dialects whose sessions are kept here: those that a led channel may speak. */
  get #dialects(): readonly Dialect[] {
    return [...new Set(Array.from(this.#byId.values(), ({ link }) => link.dialect))];
  }

  /** What one greeting may know of them, and the session that it goes on with. */
  visit(): SessionVisit {
    const visit: Visit = { sessions: undefined, taken: undefined, asked: false };
    const { resume } = this.#config;
    if (!resume) return visit;
    const { windowMs, maxHeldBytes } = resume;
    const find = (id: Uint8Array) => this.#find(id, visit);
    visit.sessions = { windowMs, maxHeldBytes, idPrefix: this.#prefix, find };
    return visit;
  }

  /** A greeting has failed. */
  refused({ asked }: SessionVisit): void {
    if (asked) this.#refused += 1;
  }

  /** Where the session of this id is, if it is not here and somebody else knows. */
  async elsewhere(id: Uint8Array): Promise<Channel | undefined> {
    return this.#byId.has(encodeHex(id)) ? undefined : this.#lead?.(id);
  }

  /** The same link, so that it lasts if its session may; `onLost` hears of each lost channel. */
  lasting(link: Link, onLost: (error: SealwireError) => void): Link | LastingLink {
    const { resumption } = link.session;
    if (!resumption) return link;
    const { windowMs } = resumption;
    return lastingLink(link, { clock: this.#clock, windowMs, gate: new Gate(), onLost });
  }

  /** A connection has begun. */
  keep(connection: Connection, link: Link | LastingLink): void {
    const { resumption } = link.session;
    if (!resumption || !isLasting(link)) return;
    const id = encodeHex(resumption.id);
    this.#ids.set(connection, id);
    this.#byId.set(id, { connection, link });
  }

  /** A connection has no channel now. */
  lost(connection: Connection, { code }: SealwireError): void {
    const { resume, logger } = this.#config;
    this.#away.add(connection);
    logger.info({ connection: connection.id, code }, "away: waits for another channel");
    const [oldest] = this.#away;
    if (oldest && resume && this.#away.size > resume.maxSessions) void oldest.close(tooMany());
  }

  /** A greeting has ended well that goes on with a session. Returns whether it could. */
  goOn({ kept: { connection, link }, turn }: Taken, next: Link): boolean {
    if (!link.lasting.attach(next, turn)) return false;
    this.#away.delete(connection);
    this.#resumed += 1;
    const { remote, id } = connection;
    this.#config.logger.info({ connection: id, remote }, "back over another channel");
    return true;
  }

  /** A connection has ended. */
  forget(connection: Connection): void {
    this.#away.delete(connection);
    const id = this.#ids.get(connection);
    if (id === undefined) return;
    this.#ids.delete(connection);
    this.#byId.delete(id);
  }

  #find(id: Uint8Array, visit: Visit): KeptSession | undefined {
    visit.asked = true;
    const kept = this.#byId.get(encodeHex(id));
    if (!kept || kept.link.lasting.final) return undefined;
    const { session, lasting } = kept.link;
    return {
      session,
      take: () => {
        visit.taken = { kept, turn: lasting.take() };
      },
      end: (error) => lasting.giveUp(error),
    };
  }
}

/** Enough for a node to be found; the rest of the 16 bytes is random. */
const MAX_PREFIX_BYTES = 8;

function isLasting(link: Link): link is LastingLink {
  return link.lasting !== undefined;
}

function nobodyHere(): SealwireError {
  return new SealwireError("NOT_FOUND", "no session waits here for a channel");
}

function longPrefix(bytes: number): SealwireError {
  const message = `ids of sessions begin with at most ${MAX_PREFIX_BYTES} bytes, not ${bytes}`;
  return new SealwireError("INVALID_ARGUMENT", message);
}

function tooMany(): SealwireError {
  return new SealwireError("RATE_LIMITED", "too many sessions wait for a channel");
}
