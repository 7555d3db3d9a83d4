import type { Clock } from "../core/contracts/clock.ts";
import type { ConnectionState } from "../core/contracts/feature.ts";
import { SealwireError } from "../core/model/errors.ts";
import { DEFAULT_BACKOFF } from "./backoff.ts";
import type { Client } from "./client.ts";
import { isFinal } from "./endings.ts";
import { pauseMs } from "./pause.ts";
import { PoolCounts } from "./pool-counts.ts";
import { smoothed } from "./smoothed.ts";
import { isKeyProblem } from "./trust.ts";

/** One server of a pool, as it is seen from outside. */
export interface PoolMember {
  readonly address: string;
  readonly state: ConnectionState;
  /** A round trip, of late; absent until it has been measured. */
  readonly latencyMs: number | undefined;
  /** Why it is broken or closed. */
  readonly error: SealwireError | undefined;
  /** Calls that the pool has sent to it, repeats too. */
  readonly calls: number;
  /** Those of them that ended with an error, of the handler or of the way. */
  readonly failed: number;
  /** How long a call takes there, of late, its handler included; absent before the first. */
  readonly callMs: number | undefined;
}

/** What a member is made of. */
export interface MemberSetup {
  readonly address: string;
  readonly connect: (signal: AbortSignal) => Promise<Client>;
  readonly clock: Clock;
  /** Something has changed for those who wait. */
  readonly changed: () => void;
  /** It has connected for the first time. */
  readonly joined: (member: Member, client: Client) => void;
  /** How often the round trip is measured; `false` for never. */
  readonly measureEveryMs: number | false;
}

const PING_TIMEOUT_MS = 5_000;

/** Keeps one server of a pool connected, from a first try that failed on. */
export class Member implements PoolMember {
  readonly address: string;
  readonly counts: PoolCounts = new PoolCounts();
  readonly #setup: MemberSetup;
  readonly #closing = new AbortController();
  #client: Client | undefined;
  #state: ConnectionState = "connecting";
  #error: SealwireError | undefined;
  #latencyMs: number | undefined;
  #cancel: () => void = () => {};

  constructor(setup: MemberSetup) {
    this.#setup = setup;
    this.address = setup.address;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get error(): SealwireError | undefined {
    return this.#error;
  }

  get latencyMs(): number | undefined {
    return this.#latencyMs;
  }

  get calls(): number {
    return this.counts.calls;
  }

  get failed(): number {
    return this.counts.failed;
  }

  get callMs(): number | undefined {
    return this.counts.callMs;
  }

  /** The client, once it has connected for the first time. */
  get client(): Client | undefined {
    return this.#client;
  }

  /** Whether its wire, while it can be used, carries events. */
  get takesEvents(): boolean {
    return this.usable?.connection?.vocabulary.kinds.has("event") ?? false;
  }

  /** The client, while it can send at once. */
  get usable(): Client | undefined {
    return this.#client?.connection ? this.#client : undefined;
  }

  /** The first try. What may pass is tried again in the background. @throws why it did not work */
  async open(): Promise<void> {
    await this.#try(0);
    if (this.#state === "open") return;
    throw this.#error ?? new SealwireError("UNAVAILABLE", `${this.address} did not open`);
  }

  async close(error: SealwireError): Promise<void> {
    this.#closing.abort(error);
    this.#cancel();
    this.#became("closed", this.#error ?? error);
    await this.#client?.close();
  }

  async #try(attempt: number): Promise<void> {
    try {
      const client = await this.#setup.connect(this.#closing.signal);
      if (this.#closing.signal.aborted) await client.close();
      else this.#adopt(client);
    } catch (thrown) {
      this.#failed(SealwireError.from(thrown, "UNAVAILABLE"), attempt);
    }
  }

  #adopt(client: Client): void {
    this.#client = client;
    this.#setup.joined(this, client);
    client.onState((state, error) => this.#became(state, error));
    this.#became("open", undefined);
    void this.#measure();
  }

  #failed(error: SealwireError, attempt: number): void {
    if (this.#closing.signal.aborted) return;
    if (isFinal(error) || isKeyProblem(error)) return this.#became("closed", error);
    this.#became("broken", error);
    const pause = pauseMs(attempt, DEFAULT_BACKOFF);
    this.#cancel = this.#setup.clock.after(pause, () => void this.#try(attempt + 1));
  }

  #became(state: ConnectionState, error: SealwireError | undefined): void {
    if (this.#state === "closed") return;
    this.#state = state;
    this.#error = error;
    this.#setup.changed();
  }

  async #measure(): Promise<void> {
    const { measureEveryMs, clock } = this.#setup;
    if (measureEveryMs === false || this.#state === "closed") return;
    const ms = await this.usable?.ping({ timeoutMs: PING_TIMEOUT_MS }).catch(() => PING_TIMEOUT_MS);
    if (ms !== undefined) this.#latencyMs = smoothed(this.#latencyMs, ms);
    if (this.#closing.signal.aborted) return;
    this.#cancel = clock.after(measureEveryMs, () => void this.#measure());
  }
}
