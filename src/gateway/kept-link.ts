import type { Clock } from "../core/contracts/clock.ts";
import type { Endpoint } from "../core/contracts/datagram-socket.ts";
import { Gate } from "../core/engine/gate.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { Link, LinkOpener, LinkState } from "./link.ts";
import type { Progress } from "./wording.ts";

/** What a link is kept with. */
export interface KeptLinkParts {
  readonly open: LinkOpener;
  readonly bind: Endpoint;
  readonly remote: Endpoint;
  readonly secret?: Uint8Array | undefined;
  readonly clock: Clock;
  readonly limits: KeptLinkLimits;
  /** Told of each change, `failed` as the last. */
  readonly onProgress: (progress: Progress) => void;
  /** Takes a message; the next comes when it has. */
  readonly onMessage: (message: Uint8Array) => Promise<void>;
}

/** How long and how often it is tried, and how much may wait. */
export interface KeptLinkLimits {
  readonly waitingTimeoutMs: number;
  readonly reconnectAttempts: number;
  readonly reconnectDelayMs: number;
  readonly maxPendingBytes: number;
}

/** What a message counts beside its bytes while it is on the way. */
const MESSAGE_COST_BYTES = 256;

/**
 * One link that is opened again when it ends, on the same port, until nobody has answered for too
 * long. Messages may be sent at any time; each gets its own answer.
 */
export class KeptLink {
  readonly #parts: KeptLinkParts;
  readonly #room = new Gate();
  readonly #wake = new Gate();
  #local: Endpoint;
  #link: Promise<Link>;
  #linked: (link: Link) => void = () => {};
  #unlinked: (error: SealwireError) => void = () => {};
  #current: Link | undefined;
  #established = false;
  #told = false;
  #over = false;
  #attempts = 0;
  #pendingBytes = 0;
  #stopWaiting: (() => void) | undefined;

  constructor(parts: KeptLinkParts) {
    this.#parts = parts;
    this.#local = parts.bind;
    this.#link = this.#nextLink();
  }

  get local(): Endpoint {
    return this.#local;
  }

  get established(): boolean {
    return this.#established;
  }

  /** Whether so much is on the way that no more is taken. */
  get full(): boolean {
    return this.#pendingBytes >= this.#parts.limits.maxPendingBytes;
  }

  /** Keeps the link until it has failed or was closed. Never rejects. */
  async run(): Promise<void> {
    this.#waitAtMost();
    while (!this.#over) {
      const ended = await this.#once();
      if (this.#over) return;
      if (ended && isFinal(ended)) return this.#fail(ended);
      if (this.#attempts >= this.#parts.limits.reconnectAttempts) return this.#fail(givenUp(ended));
      this.#attempts += 1;
      await this.#pause(this.#parts.limits.reconnectDelayMs);
    }
  }

  /**
   * Resolves when the peer has acknowledged the message.
   *
   * @throws `UNAVAILABLE` when nobody can say that it arrived.
   */
  async send(message: Uint8Array): Promise<void> {
    const cost = message.length + MESSAGE_COST_BYTES;
    this.#pendingBytes += cost;
    try {
      const link = await this.#link;
      await link.send(message);
    } finally {
      this.#pendingBytes -= cost;
      if (!this.full) this.#room.open();
    }
  }

  /** Resolves when there may be room again, or the link is not established any more. */
  room(): Promise<void> {
    return this.full && this.#established ? this.#room.wait() : Promise.resolve();
  }

  /** @throws `UNAVAILABLE` when there is no link, or no STUN server answers. */
  async publicAddress(servers: readonly Endpoint[]): Promise<Endpoint> {
    if (this.#current) return this.#current.publicAddress(servers);
    throw new SealwireError("UNAVAILABLE", "there is no UDP socket at the moment; ask again later");
  }

  async close(): Promise<void> {
    this.#finish(new SealwireError("UNAVAILABLE", "the WebSocket of this link has closed"));
    await this.#current?.close();
  }

  /** One link from its opening to its end, and why it ended. */
  async #once(): Promise<SealwireError | undefined> {
    const { open, remote, secret, bind, onMessage } = this.#parts;
    const end: { reason?: SealwireError } = {};
    const onState = (state: LinkState) => this.#changed(state, end);
    try {
      const at = { host: bind.host, port: this.#local.port };
      const link = await open({ bind: at, remote, onState, ...(secret && { secret }) });
      if (this.#over) return void (await link.close());
      this.#current = link;
      this.#local = link.local;
      // A link that came back begins anew below, but for its users it is still reconnecting.
      if (!this.#told) this.#tell({ step: "waiting", local: this.#local });
      this.#linked(link);
      for await (const message of link) await onMessage(message);
      return end.reason;
    } catch (thrown) {
      return end.reason ?? SealwireError.from(thrown, "UNAVAILABLE");
    } finally {
      await this.#unlink();
    }
  }

  async #unlink(): Promise<void> {
    const link = this.#current;
    if (!link) return;
    this.#current = undefined;
    if (!this.#over) this.#link = this.#nextLink();
    await link.close();
    if (!this.#over) this.#broken();
  }

  #changed(state: LinkState, end: { reason?: SealwireError }): void {
    if (this.#over) return;
    switch (state.state) {
      case "established": {
        const { authenticated, remote } = state;
        this.#established = true;
        this.#attempts = 0;
        this.#stopWaiting?.();
        this.#stopWaiting = undefined;
        return this.#tell({ step: "established", local: this.#local, remote, authenticated });
      }
      case "reconnecting":
        return this.#broken();
      case "closed":
        if (state.reason) end.reason = state.reason;
    }
  }

  #broken(): void {
    this.#room.open();
    if (!this.#established) return;
    this.#established = false;
    this.#waitAtMost();
    this.#tell({ step: "reconnecting", local: this.#local });
  }

  /** Nobody is knocked at for ever: who does not answer may never have asked for it. */
  #waitAtMost(): void {
    const { clock, limits } = this.#parts;
    this.#stopWaiting?.();
    this.#stopWaiting = clock.after(limits.waitingTimeoutMs, () => this.#fail(silent(limits)));
  }

  #fail(error: SealwireError): void {
    if (this.#over) return;
    this.#finish(error);
    this.#tell({ step: "failed", error });
    void this.#current?.close();
  }

  #finish(error: SealwireError): void {
    this.#over = true;
    this.#established = false;
    this.#stopWaiting?.();
    this.#unlinked(error);
    this.#room.open();
    this.#wake.open();
  }

  #nextLink(): Promise<Link> {
    const next = new Promise<Link>((resolve, reject) => {
      this.#linked = resolve;
      this.#unlinked = reject;
    });
    // Whoever sends hears of it; without anybody who does, it is no fault.
    next.catch(() => {});
    return next;
  }

  async #pause(ms: number): Promise<void> {
    const cancel = this.#parts.clock.after(ms, () => this.#wake.open());
    await this.#wake.wait();
    cancel();
  }

  #tell(progress: Progress): void {
    this.#told = true;
    this.#parts.onProgress(progress);
  }
}

/** Failures that another attempt would only repeat. */
function isFinal({ code }: SealwireError): boolean {
  return code === "UNAUTHENTICATED" || code === "INVALID_ARGUMENT" || code === "UNSUPPORTED";
}

function givenUp(ended: SealwireError | undefined): SealwireError {
  const why = ended ? `: ${ended.message}` : "";
  return new SealwireError("UNAVAILABLE", `the link came to nothing again and again${why}`);
}

function silent({ waitingTimeoutMs }: KeptLinkLimits): SealwireError {
  const message =
    `no peer answered within ${waitingTimeoutMs} ms; does it run, and does it send to the ` +
    "address and local_port of this link?";
  return new SealwireError("UNAVAILABLE", message);
}
