import { Inbox } from "../bytes/inbox.ts";
import type { Endpoint } from "../core/contracts/datagram-socket.ts";
import type { Dialect } from "../core/contracts/dialect.ts";
import { SILENT } from "../core/contracts/logger.ts";
import { Connection } from "../core/engine/connection.ts";
import type { ConnectionSetup } from "../core/engine/connection-setup.ts";
import { Gate } from "../core/engine/gate.ts";
import { connectHandshake } from "../core/engine/handshake.ts";
import { DEFAULT_LIMITS } from "../core/engine/limits.ts";
import { Router } from "../core/engine/router.ts";
import { SealwireError } from "../core/model/errors.ts";
import { isStun } from "../stun/message.ts";
import type { UdpEndpoint } from "../transports/udp/endpoint-types.ts";
import type { Link, LinkOpening } from "./link.ts";
import { askStun } from "./public-address.ts";
import { SYSTEM_CLOCK } from "./system-clock.ts";

/** What one link is made of. */
export interface NativeLinkParts extends Pick<LinkOpening, "remote" | "onState"> {
  readonly endpoint: UdpEndpoint;
  readonly dialect: Dialect;
  readonly secret: Uint8Array;
}

/** The name under which both sides take messages. */
const PROCEDURE = "message";
/** How long a peer that does not answer is left alone before it is tried again. */
const PAUSE_MS = 500;
/** Received bytes that may wait; then the peer's calls are not answered. */
const MAX_WAITING_BYTES = 4_194_304;
const MESSAGE_COST_BYTES = 64;

/** One link to a server of ours, which is dialled again when its connection breaks. */
export class NativeLink implements Link {
  readonly #parts: NativeLinkParts;
  readonly #inbox: Inbox<Uint8Array>;
  readonly #room = new Gate();
  readonly #change = new Gate();
  readonly #closing = new AbortController();
  readonly #router = new Router();
  #connection: Connection | undefined;

  constructor(parts: NativeLinkParts) {
    this.#parts = parts;
    const weigh = (message: Uint8Array) => message.length + MESSAGE_COST_BYTES;
    const onWanted = () => this.#room.open();
    this.#inbox = new Inbox({ maxWaiting: MAX_WAITING_BYTES, weigh, onWanted });
    this.#router.add(PROCEDURE, {}, ({ args }) => this.#take(args.positional[0]));
  }

  get local(): Endpoint {
    return this.#parts.endpoint.address;
  }

  async send(message: Uint8Array): Promise<void> {
    while (!this.#connection) {
      if (this.#closing.signal.aborted) throw ended();
      await this.#change.wait();
    }
    await this.#connection.call(PROCEDURE, [message]);
  }

  async publicAddress(servers: readonly Endpoint[]): Promise<Endpoint> {
    const socket = this.#parts.endpoint.share(isStun);
    try {
      return await askStun(socket, servers, SYSTEM_CLOCK);
    } finally {
      await socket.close();
    }
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(ended());
    await this.#connection?.close();
    this.#end(undefined);
    // The socket stays until its last channel has ended.
    void this.#parts.endpoint.close();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return this.#inbox;
  }

  /** Connects, and again after each break. Never rejects. */
  async run(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      try {
        if (await this.#once()) return this.#end(undefined);
        this.#parts.onState({ state: "reconnecting" });
      } catch (thrown) {
        const error = SealwireError.from(thrown, "UNAVAILABLE");
        if (error.code !== "UNAVAILABLE") return this.#end(error);
        await this.#pause();
      }
    }
  }

  /** One connection to its end; whether the peer wanted that. */
  async #once(): Promise<boolean> {
    const { remote, onState } = this.#parts;
    const connection = await this.#dial();
    this.#connection = connection;
    this.#change.open();
    onState({ state: "established", authenticated: true, remote });
    const error = await connection.closed;
    this.#connection = undefined;
    return error === undefined;
  }

  async #dial(): Promise<Connection> {
    const { endpoint, dialect, remote, secret } = this.#parts;
    const { signal } = this.#closing;
    const made: { connection?: Connection } = {};
    const channel = await endpoint.open(remote, { signal });
    const greeting = { channel, dialect, limits: DEFAULT_LIMITS, clock: SYSTEM_CLOCK, signal };
    const link = await connectHandshake(greeting, {
      about: { name: "gateway" },
      maxFrameBytes: DEFAULT_LIMITS.maxFrameBytes,
      credentials: { scheme: "secret", secret },
      serverName: "sealwire",
      serverKeys: [],
      // Both sides prove the secret; there is no other key to judge.
      trusts: async () => false,
      flush: () => made.connection?.flush(),
    });
    made.connection = new Connection("gateway", link, this.#setup());
    return made.connection;
  }

  #setup(): ConnectionSetup {
    return {
      routes: this.#router,
      limits: DEFAULT_LIMITS,
      clock: SYSTEM_CLOCK,
      turn: { endOfTurn: (run) => process.nextTick(run) },
      logger: SILENT,
      heartbeat: { intervalMs: 5_000, timeoutMs: 5_000 },
      callTimeoutMs: Number.POSITIVE_INFINITY,
      handlerTimeoutMs: Number.POSITIVE_INFINITY,
      authorize: () => undefined,
      onEvent() {},
      onGoodbye() {},
      onClosed() {},
    };
  }

  async #take(data: unknown): Promise<void> {
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    if (!(bytes instanceof Uint8Array)) {
      throw new SealwireError("INVALID_ARGUMENT", "a message is one text or one Uint8Array");
    }
    if (!this.#inbox.put(bytes)) await this.#room.wait();
  }

  #end(error: SealwireError | undefined): void {
    if (!this.#closing.signal.aborted) this.#closing.abort(error ?? ended());
    this.#change.open();
    this.#room.open();
    this.#parts.onState({ state: "closed", ...(error && { reason: error }) });
    this.#inbox.end();
    void this.#parts.endpoint.close();
  }

  async #pause(): Promise<void> {
    const resume = new Gate();
    const cancel = SYSTEM_CLOCK.after(PAUSE_MS, () => resume.open());
    const onAbort = () => resume.open();
    this.#closing.signal.addEventListener("abort", onAbort);
    if (!this.#closing.signal.aborted) await resume.wait();
    this.#closing.signal.removeEventListener("abort", onAbort);
    cancel();
  }
}

function ended(): SealwireError {
  return new SealwireError("UNAVAILABLE", "the link has been closed");
}
