import type { Clock } from "../core/contracts/clock.ts";
import type { Channel } from "../core/contracts/transport.ts";
import { acceptHandshake, type Link } from "../core/engine/handshake.ts";
import type { Evidence } from "../core/model/credentials.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { Peer, Principal } from "../core/model/peer.ts";
import { type Recognised, recognise, type Speakers } from "./accept-loop.ts";
import type { ServerConfig } from "./options.ts";
import { checkPlaintext } from "./plaintext.ts";

/** A peer that has come in. */
export interface Entered {
  readonly id: string;
  readonly link: Link;
  /** Gives its place free. */
  readonly leave: () => void;
}

/** The door of a server: counts who is inside, finds the dialect, greets, proves. */
export class Entrance {
  readonly #config: ServerConfig;
  readonly #clock: Clock;
  readonly #perAddress = new Map<string, number>();
  /** Those who greet now; one signal for all would gather a listener for each. */
  readonly #greeting = new Set<AbortController>();
  #closed = false;
  #inside = 0;
  #next = 1;
  /** Lets the session of a peer speak although nobody called; set when its connection exists. */
  readonly #flushes = new Map<string, () => void>();

  constructor(config: ServerConfig, clock: Clock) {
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
    const address = hostOf(channel.remote);
    if (this.#tooMany(address)) {
      this.#config.logger.warn({ remote: channel.remote }, "too many connections: one was closed");
      await channel.close(new SealwireError("RATE_LIMITED", "too many connections"));
      return undefined;
    }
    const leave = this.#count(address);
    try {
      const { handshakeTimeoutMs } = this.#config.limits;
      const found = await recognise(channel, speakers, this.#clock, handshakeTimeoutMs);
      if (found) {
        checkPlaintext(this.#config, found.dialect, listensOn, found.channel);
        const { id, link } = await this.#greet(found);
        return { id, link, leave: () => this.#forget(id, leave) };
      }
    } catch (thrown) {
      leave();
      void channel.close(SealwireError.from(thrown, "HANDSHAKE_FAILED"));
      throw thrown;
    }
    leave();
    return undefined;
  }

  /** From now on the session of this peer can ask to speak. */
  onFlush(id: string, flush: () => void): void {
    this.#flushes.set(id, flush);
  }

  #forget(id: string, leave: () => void): void {
    this.#flushes.delete(id);
    leave();
  }

  async #greet(found: Recognised): Promise<Omit<Entered, "leave">> {
    const { limits, about, authenticator } = this.#config;
    const id = `c${this.#next++}`;
    const peer: Peer = { id, remote: found.channel.remote, dialect: found.dialect.name };
    const ended = new AbortController();
    this.#greeting.add(ended);
    const greeting = { ...found, limits, clock: this.#clock, signal: ended.signal };
    try {
      const link = await acceptHandshake(greeting, {
        about,
        maxFrameBytes: limits.maxFrameBytes,
        authenticate: (evidence) => this.#prove(evidence, peer),
        findSecret: async (fits) => authenticator.findSecret?.(fits),
        flush: () => this.#flushes.get(id)?.(),
      });
      return { id, link };
    } finally {
      this.#greeting.delete(ended);
    }
  }

  async #prove(evidence: Evidence, peer: Peer): Promise<Principal> {
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

function hostOf(remote: string): string {
  return remote.replace(/:\d+$/, "");
}
