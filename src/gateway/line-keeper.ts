import { Gate } from "../core/engine/gate.ts";
import { type ErrorCode, SealwireError } from "../core/model/errors.ts";
import type { SrmudpClientSettings } from "./client-options.ts";
import type { ProxyLine } from "./proxy-line.ts";

/** What the keeper asks of its client and tells it. */
export interface LineOwner {
  open(signal: AbortSignal): Promise<ProxyLine>;
  /** Why the line ended, as the proxy itself told it; `undefined` if it told nothing. */
  told(): SealwireError | undefined;
  /** Whether the link to the peer was there until the line ended. */
  wasEstablished(): boolean;
  /** It will be tried again. */
  broken(reason: SealwireError): void;
  /** Nothing more comes; without an error, because that was wanted. */
  ended(error: SealwireError | undefined): void;
}

/** Keeps one WebSocket to the proxy open: after a break it opens another, until it is closed. */
export class LineKeeper {
  readonly #settings: Pick<SrmudpClientSettings, "reconnect" | "clock">;
  readonly #owner: LineOwner;
  readonly #closing = new AbortController();
  readonly #change = new Gate();
  #line: ProxyLine | undefined;
  #final: SealwireError | undefined;
  #started = false;

  constructor(settings: Pick<SrmudpClientSettings, "reconnect" | "clock">, owner: LineOwner) {
    this.#settings = settings;
    this.#owner = owner;
  }

  /** The line, while it is open. */
  get line(): ProxyLine | undefined {
    return this.#line;
  }

  /** Why there will be no line any more. */
  get final(): SealwireError | undefined {
    return this.#final;
  }

  /** The first try; what fails here is the caller's to see. */
  async start(): Promise<void> {
    if (this.#started) {
      throw new SealwireError("CONFLICT", "connect was called before; make another client");
    }
    this.#started = true;
    try {
      await this.#open();
    } catch (thrown) {
      const error = SealwireError.from(thrown, "UNAVAILABLE");
      this.#end(error);
      throw error;
    }
    void this.#keep();
  }

  /** The line, now or after the next break. @throws why there never will be one */
  async whenOpen(): Promise<ProxyLine> {
    while (!this.#line) {
      if (this.#final) throw this.#final;
      if (!this.#started) {
        throw new SealwireError("UNAVAILABLE", "not connected: call connect first");
      }
      await this.#change.wait();
    }
    return this.#line;
  }

  async close(): Promise<void> {
    this.#end(undefined);
    await this.#line?.close();
  }

  async #open(): Promise<void> {
    if (this.#final) throw this.#final;
    const line = await this.#owner.open(this.#closing.signal);
    if (this.#final) return line.close();
    this.#line = line;
    this.#change.open();
  }

  /** Waits for each end and comes back, until that is pointless or not wanted. */
  async #keep(): Promise<void> {
    for (let tried = 0; !this.#final; ) {
      const end = await this.#line?.ended;
      this.#line = undefined;
      if (this.#owner.wasEstablished()) tried = 0;
      tried = await this.#comeBack(this.#owner.told() ?? end ?? unexplained(), tried);
    }
  }

  /** Tries until a line is open again; how often, in all, since a link was established. */
  async #comeBack(first: SealwireError, tried: number): Promise<number> {
    const { reconnect } = this.#settings;
    let reason = first;
    for (let attempt = tried; !this.#final; attempt++) {
      if (reconnect === false || attempt >= reconnect.attempts || FINAL.has(reason.code)) {
        this.#end(reason);
        return attempt;
      }
      this.#owner.broken(reason);
      await this.#pause(Math.min(reconnect.maxMs, reconnect.baseMs * 2 ** Math.min(attempt, 20)));
      try {
        await this.#open();
        return attempt + 1;
      } catch (thrown) {
        reason = SealwireError.from(thrown, "UNAVAILABLE");
      }
    }
    return tried;
  }

  async #pause(longestMs: number): Promise<void> {
    const paused = new Gate();
    const resume = () => paused.open();
    // Chance spreads clients over time; nothing secret depends on it.
    const cancel = this.#settings.clock.after((0.5 + Math.random() / 2) * longestMs, resume);
    this.#closing.signal.addEventListener("abort", resume);
    await paused.wait();
    this.#closing.signal.removeEventListener("abort", resume);
    cancel();
  }

  #end(error: SealwireError | undefined): void {
    if (this.#final) return;
    this.#final = error ?? new SealwireError("UNAVAILABLE", "this client has been closed");
    this.#closing.abort(this.#final);
    this.#owner.ended(error);
    this.#change.open();
  }
}

/** What another try would only hear again. */
const FINAL: ReadonlySet<ErrorCode> = new Set([
  "UNAUTHENTICATED",
  "PERMISSION_DENIED",
  "INVALID_ARGUMENT",
  "NOT_FOUND",
  "UNSUPPORTED",
  "CONFLICT",
  "HANDSHAKE_FAILED",
  "TOO_LARGE",
]);

function unexplained(): SealwireError {
  return new SealwireError("UNAVAILABLE", "the proxy closed the WebSocket");
}
