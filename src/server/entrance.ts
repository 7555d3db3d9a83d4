import type { Clock } from "../core/contracts/clock.ts";
import type { Channel } from "../core/contracts/transport.ts";
import { acceptHandshake, type Link } from "../core/engine/handshake.ts";
import { networkOf } from "../core/engine/network.ts";
import type { Evidence } from "../core/model/credentials.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { Peer, Principal } from "../core/model/peer.ts";
import { type Recognised, recognise, type Speakers } from "./accept-loop.ts";
import { leadAway } from "./leading.ts";
import type { ServerConfig } from "./options.ts";
import { checkPlaintext } from "./plaintext.ts";
import type { SessionKeeper, Taken } from "./session-keeper.ts";

/** A peer that has come in. */
export interface Entered {
  readonly id: string;
  readonly link: Link;
  /** Gives its place free. */
  readonly leave: () => void;
  /** The session with which it goes on; absent when it is a new one. */
  readonly taken?: Taken;
}

/** The door of a server: counts who is inside, finds the dialect, greets, proves. */
export class Entrance {
  readonly #config: ServerConfig;
  readonly #clock: Clock;
  readonly #sessions: SessionKeeper;
  readonly #perAddress = new Map<string, number>();
  /** Those who greet now; one signal for all would gather a listener for each. */
  readonly #greeting = new Set<AbortController>();
  #closed = false;
  #inside = 0;
  #next = 1;
  /** Lets the session of a peer speak although nobody called; set when its connection exists. */
  readonly #flushes = new Map<string, () => void>();

  constructor(config: ServerConfig, clock: Clock, sessions: SessionKeeper) {
    this.#sessions = sessions;
    this.#config = config;
    this.#clock = clock;
  }

  /** Whoever greets now is refused. */
  close(reason: SealwireError): void {
    this.#closed = true;
    for (const greeting of this.#greeting) greeting.abort(reason);
  }

  /** `undefined` when there is nobody to serve: too many are inside, or a layer served the peer. */
  async enter(
    channel: Channel,
    speakers: Speakers,
    listensOn: string,
  ): Promise<Entered | undefined> {
    const address = networkOf(channel.remote);
    if (this.#tooMany(address)) {
      this.#config.logger.warn({ remote: channel.remote }, "too many connections: one was closed");
      await channel.close(new SealwireError("RATE_LIMITED", "too many connections"));
      return undefined;
    }
    const leave = this.#count(address);
    const ended = new AbortController();
    this.#greeting.add(ended);
    try {
      const entered = await this.#meet(channel, speakers, listensOn, ended.signal);
      if (entered) return { ...entered, leave };
    } catch (thrown) {
      // Whoever failed has closed the channel in its own way: one that was refused reads why.
      leave();
      throw thrown;
    } finally {
      this.#greeting.delete(ended);
    }
    leave();
    return undefined;
  }

  /** From now on the session of this peer can ask to speak, until it is forgotten. */
  onFlush(id: string, flush: () => void): void {
    this.#flushes.set(id, flush);
  }

  /** A peer has gone for good. */
  forget(id: string): void {
    this.#flushes.delete(id);
  }

  async #meet(
    channel: Channel,
    speakers: Speakers,
    listensOn: string,
    signal: AbortSignal,
  ): Promise<Omit<Entered, "leave"> | undefined> {
    const clock = this.#clock;
    const timeoutMs = this.#config.limits.handshakeTimeoutMs;
    const found = await recognise(channel, speakers, { clock, timeoutMs, signal });
    if (!found) return undefined;
    try {
      checkPlaintext(this.#config, found.dialect, listensOn, found.channel);
    } catch (thrown) {
      void found.channel.close(SealwireError.from(thrown));
      throw thrown;
    }
    const staying = await this.#lead(found, signal);
    return staying && this.#greet(staying, signal);
  }

  /** A peer whose session another node has is served from there. */
  async #lead(found: Recognised, signal: AbortSignal): Promise<Recognised | undefined> {
    if (!this.#sessions.leads) return found;
    const { handshakeTimeoutMs: timeoutMs, ...limits } = this.#config.limits;
    const lead = (id: Uint8Array) => this.#sessions.elsewhere(id);
    return leadAway(found, lead, { ...limits, clock: this.#clock, timeoutMs, signal });
  }

  async #greet(found: Recognised, signal: AbortSignal): Promise<Omit<Entered, "leave">> {
    const { limits, about, authenticator } = this.#config;
    const id = `c${this.#next++}`;
    const peer: Peer = { id, remote: found.channel.remote, dialect: found.dialect.name };
    const greeting = { ...found, limits, clock: this.#clock, signal };
    const visit = this.#sessions.visit();
    const { sessions } = visit;
    const meeting = acceptHandshake(greeting, {
      about,
      maxFrameBytes: limits.maxFrameBytes,
      authenticate: (evidence) => this.prove(evidence, peer),
      findSecret: async (fits) => authenticator.findSecret?.(fits),
      flush: () => this.#flushes.get(id)?.(),
      ...(sessions && { sessions }),
    });
    meeting.catch(() => this.#sessions.refused(visit));
    const link = await meeting;
    return { id, link, ...(visit.taken && { taken: visit.taken }) };
  }

  /** Who that is. @throws `UNAUTHENTICATED` */
  async prove(evidence: Evidence, peer: Peer): Promise<Principal> {
    const principal = await this.#config.authenticator.authenticate(evidence, peer);
    if (principal) return principal;
    throw new SealwireError(
      "UNAUTHENTICATED",
      evidence.scheme === "anonymous"
        ? "this server wants credentials"
        : `these credentials (${evidence.scheme}) are not accepted here`,
    );
  }

  #tooMany(address: string): boolean {
    const { maxConnections, maxConnectionsPerAddress } = this.#config;
    if (this.#closed || this.#inside >= maxConnections) return true;
    return (this.#perAddress.get(address) ?? 0) >= maxConnectionsPerAddress;
  }

  #count(address: string): () => void {
    this.#inside += 1;
    this.#perAddress.set(address, (this.#perAddress.get(address) ?? 0) + 1);
    return () => {
      this.#inside -= 1;
      const left = (this.#perAddress.get(address) ?? 1) - 1;
      if (left > 0) this.#perAddress.set(address, left);
      else this.#perAddress.delete(address);
    };
  }
}
