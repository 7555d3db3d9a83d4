import type {
  ClientFeature,
  ClientHost,
  ConnectionState,
  HostCallOptions,
} from "../../core/contracts/feature.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { type DiscoveredMethod, methodsFrom } from "./discovered-methods.ts";

/** What may be said of one call. */
export interface ConduitCallOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Arguments by name; netconduit knows no others. */
export type ConduitArguments = Readonly<Record<string, unknown>>;

/** How a client is. */
export interface ConduitHealth {
  readonly connected: boolean;
  readonly state: ConnectionState;
  /** A connection is open only to those who have proven who they are. */
  readonly authenticated: boolean;
  /** Tries to come back since the connection was lost last; 0 while it is there. */
  readonly reconnectAttempts: number;
}

/** A client in the words of netconduit. What the client itself can do, it still can. */
export interface Conduit {
  /**
   * Calls a method and resolves with its data, unwrapped.
   *
   * @throws what the method answered as error, with a code; `DEADLINE_EXCEEDED`, `UNAVAILABLE`
   */
  call(method: string, args?: ConduitArguments, options?: ConduitCallOptions): Promise<unknown>;
  /**
   * The same, but resolves with the wrapper as it came: `{ success, data }`, also for errors. On
   * other wires than netconduit, which have no wrapper, one is put around.
   */
  callRaw(
    method: string,
    args?: ConduitArguments,
    options?: ConduitCallOptions,
  ): Promise<Readonly<Record<string, unknown>>>;
  /** Calls and does not wait; whether it worked is not told. */
  callNoWait(method: string, args?: ConduitArguments): void;
  /** What can be called. */
  discover(): Promise<readonly DiscoveredMethod[]>;
  /** Sends a message of a type. The server may answer with one of type `<type>_response`. */
  send(type: string, data?: unknown): Promise<void>;
  /** Receives messages of a type. */
  on(type: string, receive: (data: unknown) => unknown): void;
  /** Is told when the connection is there again. */
  onReconnect(hook: () => void): void;
  /** Is told when the connection is lost or closed, once. */
  onDisconnect(hook: () => void): void;
  health(): ConduitHealth;
}

/**
 * Puts the words of netconduit's client around a client that is connected.
 *
 * @example
 * const python = client.install(conduit());
 * await python.call("add", { a: 2, b: 3 }); // 5
 */
export function conduit(): ClientFeature<Conduit> {
  return (host) => {
    const standing = new Standing(host);
    return {
      call: (method, args = {}, options = {}) => call(host, method, args, options),
      callRaw: (method, args = {}, options = {}) => callRaw(host, method, args, options),
      callNoWait: (method, args = {}) => void call(host, method, args, {}).catch(() => {}),
      discover: () => discover(host),
      send: (type, data) => host.emit(type, data),
      on: (type, receive) => host.onEvent(type, receive),
      onReconnect: (hook) => void standing.reconnectHooks.push(hook),
      onDisconnect: (hook) => void standing.disconnectHooks.push(hook),
      health: () => standing.health,
    };
  };
}

/** With types where the server tells all of them at once, otherwise by name. */
async function discover(host: ClientHost): Promise<readonly DiscoveredMethod[]> {
  try {
    return methodsFrom(await call(host, "$describe", {}, {}));
  } catch (thrown) {
    if (SealwireError.from(thrown).code !== "INVALID_ARGUMENT") throw thrown;
    return methodsFrom(await call(host, "$list", {}, {}));
  }
}

/** Asks the dialect `netconduit` for the wrapper as it came. */
const RAW = Object.freeze({ "conduit.raw": "true" });

function call(
  host: ClientHost,
  procedure: string,
  args: ConduitArguments,
  options: HostCallOptions,
): Promise<unknown> {
  return host.call(procedure, { positional: [], named: args }, options);
}

async function callRaw(
  host: ClientHost,
  method: string,
  args: ConduitArguments,
  options: ConduitCallOptions,
): Promise<Readonly<Record<string, unknown>>> {
  try {
    const answer = await call(host, method, args, { ...options, meta: RAW });
    return isWrapper(answer) ? answer : { success: true, data: answer };
  } catch (thrown) {
    const { code, message, details } = SealwireError.from(thrown);
    if (!TOLD.has(code)) throw thrown;
    return { success: false, error: message, code, ...(details !== undefined && { details }) };
  }
}

/** What the other side answered; everything else is the fate of the call, and is thrown. */
const TOLD: ReadonlySet<string> = new Set([
  "INVALID_ARGUMENT",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "CONFLICT",
  "PERMISSION_DENIED",
  "RATE_LIMITED",
  "INTERNAL",
  "UNKNOWN",
]);

function isWrapper(answer: unknown): answer is Readonly<Record<string, unknown>> {
  return typeof answer === "object" && answer !== null && "success" in answer;
}

/** Where the client stands, in the words of netconduit. */
class Standing {
  readonly reconnectHooks: (() => void)[] = [];
  readonly disconnectHooks: (() => void)[] = [];
  // Features are installed on clients that are connected.
  #state: ConnectionState = "open";
  #attempts = 0;

  constructor(host: ClientHost) {
    host.onState((state) => this.#changed(state));
  }

  get health(): ConduitHealth {
    const connected = this.#state === "open";
    return {
      connected,
      state: this.#state,
      authenticated: connected,
      reconnectAttempts: this.#attempts,
    };
  }

  #changed(state: ConnectionState): void {
    const wasOpen = this.#state === "open";
    this.#state = state;
    if (state === "connecting") this.#attempts += 1;
    if (state === "open") this.#attempts = 0;
    if (wasOpen && state !== "open") for (const hook of this.disconnectHooks) hook();
    if (!wasOpen && state === "open") for (const hook of this.reconnectHooks) hook();
  }
}
