import type { Executor } from "../../core/contracts/executor.ts";
import type { ConnectionState, ProcedureOptions } from "../../core/contracts/feature.ts";
import type { CallArguments } from "../../core/engine/arguments.ts";
import type { CallOptions } from "../../core/engine/call-options.ts";
import { readCaller } from "../../core/engine/caller.ts";
import { changeCall } from "../../core/engine/change-call.ts";
import { checkWhole } from "../../core/engine/check-options.ts";
import type {
  Exposed,
  ExposeOptions,
  Functions,
  RegisterProcedure,
} from "../../core/engine/procedures.ts";
import { type RegisterAnywhere, registering } from "../../core/engine/worker-procedures.ts";
import type { Call } from "../../core/model/call.ts";
import { SealwireError } from "../../core/model/errors.ts";

import { OFFER_LIMITS, type OfferedProcedure } from "./offer.ts";

/** How a worker works. */
export interface BrokerWorkerOptions {
  /** Calls that it takes at once; the broker keeps the others. @default 16 */
  readonly concurrency?: number;
  /** Runs the handlers of procedures that name a `worker`, such as `piscina()`. @default none */
  readonly executor?: Executor;
  /** Is told when an offer fails after a reconnection: the broker refuses this worker. */
  readonly onRefused?: (error: SealwireError) => void;
}

/** What of a client a worker needs: any `Client` fits. */
export interface WorkerClient {
  readonly procedure: RegisterProcedure;
  expose<Exposing extends Functions>(functions: Exposing): Exposed<Exposing>;
  call(procedure: string, args?: CallArguments, options?: CallOptions): Promise<unknown>;
  onState(hook: (state: ConnectionState) => void): void;
}

/**
 * Makes a client of a broker a worker: what is registered here is served to all who call there.
 *
 * @example
 * const worker = brokerWorker(await connect("tcp://127.0.0.1:7000", { credentials }));
 * worker.expose({ resize }, { idempotent: true });
 * await worker.offer();
 * @throws `INVALID_ARGUMENT` for an option that makes no sense
 */
export function brokerWorker(
  client: WorkerClient,
  options: BrokerWorkerOptions = {},
): BrokerWorker {
  return new BrokerWorker(client, options);
}

/** A program that answers calls for a broker. Made by `brokerWorker`. */
export class BrokerWorker {
  readonly #client: WorkerClient;
  readonly #concurrency: number;
  readonly #offered = new Map<string, OfferedProcedure>();
  #serving = false;
  /**
   * Registers one procedure. `public` and `scopes` are watched over by the broker; `call.principal`
   * is the caller as the broker knows it.
   */
  readonly procedure: RegisterAnywhere;

  /** Use `brokerWorker`. */
  constructor(client: WorkerClient, options: BrokerWorkerOptions) {
    const { concurrency = 16, executor, onRefused } = options;
    checkWhole("concurrency", concurrency, 1, OFFER_LIMITS.concurrency);
    this.#client = client;
    this.#concurrency = concurrency;
    this.procedure = registering({ procedure: this.#register as RegisterProcedure }, executor);
    client.onState((state) => {
      if (state !== "open" || !this.#serving) return;
      this.offer().catch((thrown: unknown) => {
        const error = SealwireError.from(thrown);
        // The connection broke again: the next one offers again.
        if (error.code !== "UNAVAILABLE") onRefused?.(error);
      });
    });
  }

  /** The names it serves. */
  get names(): readonly string[] {
    return [...this.#offered.keys()];
  }

  /** Makes plain functions callable, as `expose` of a server. @throws as there */
  expose<Exposing extends Functions>(
    functions: Exposing,
    options: ExposeOptions = {},
  ): Exposed<Exposing> {
    const exposed = this.#client.expose(functions);
    for (const name of exposed.names) this.#note(name, options);
    return exposed;
  }

  /**
   * Tells the broker what is served here; from then on calls come. Told again after a
   * reconnection; call it again after registering more.
   *
   * @throws `PERMISSION_DENIED` without the scope that workers need, `NOT_FOUND` when the other end
   * is no broker, `CONFLICT` when other workers serve the name under another access
   */
  async offer(): Promise<void> {
    const procedures = [...this.#offered.values()];
    this.#serving = true;
    await this.#client.call("$broker.offer", [{ concurrency: this.#concurrency, procedures }]);
  }

  /**
   * Takes no more calls. Resolves when those that run have ended, or rejects after so long with
   * `DEADLINE_EXCEEDED`; then the client can be closed.
   */
  async leave(timeoutMs: number = Number.POSITIVE_INFINITY): Promise<void> {
    this.#serving = false;
    await this.#client.call("$broker.leave", [], { timeoutMs });
  }

  readonly #register = (name: string, given: unknown, handler: unknown): unknown => {
    const options: ProcedureOptions = typeof given === "object" ? { ...given } : {};
    const run = typeof given === "function" ? given : handler;
    const wrapped = isHandler(run) ? forCaller(run) : run;
    const registered = Reflect.apply(this.#client.procedure, undefined, [name, options, wrapped]);
    this.#note(name, options);
    return registered;
  };

  #note(name: string, options: ProcedureOptions): void {
    const { description, scopes = [], idempotent = false } = options;
    this.#offered.set(name, {
      ...{ name, scopes, idempotent, public: options.public ?? false },
      ...(description !== undefined && { description }),
    });
  }
}

type AnyHandler = (...given: unknown[]) => unknown;

function isHandler(value: unknown): value is AnyHandler {
  return typeof value === "function";
}

/** The call is always the last that a handler gets; here it comes from the broker's caller. */
function forCaller(run: AnyHandler): AnyHandler {
  return (...given) => {
    const call = given.pop() as Call;
    const { meta, principal } = readCaller(call.meta);
    return run(...given, changeCall(call, { meta, principal }));
  };
}
