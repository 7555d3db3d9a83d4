import type { Authenticator } from "../core/contracts/authenticator.ts";
import type { Dialect } from "../core/contracts/dialect.ts";
import type { Executor } from "../core/contracts/executor.ts";
import type { Layer } from "../core/contracts/layer.ts";
import type { Logger } from "../core/contracts/logger.ts";
import { SILENT } from "../core/contracts/logger.ts";
import type { LoadableSchemes, Platform } from "../core/contracts/platform.ts";
import type { Transport } from "../core/contracts/transport.ts";
import { checkPositive, checkWord, withDefaults } from "../core/engine/check-options.ts";
import { guardedLogger } from "../core/engine/guarded-logger.ts";
import type { HeartbeatOptions } from "../core/engine/heartbeat.ts";
import { type ConnectionLimits, DEFAULT_LIMITS } from "../core/engine/limits.ts";
import type { Message } from "../core/model/message.ts";
import { ANONYMOUS, type Peer } from "../core/model/peer.ts";

/** What a server may be told. */
export interface ServerOptions {
  /** Who may come. @default everybody, anonymously: public procedures only */
  readonly authenticator?: Authenticator;
  /** Told to clients in the greeting. */
  readonly name?: string;
  readonly version?: string;
  readonly description?: string;
  /** A pino instance, or anything with `debug`, `info`, `warn` and `error`. @default silence */
  readonly logger?: Logger;
  /** What one connection may cost. */
  readonly limits?: Partial<ConnectionLimits>;
  /** Connections at once, those still greeting included; more are closed at once. @default 10_000 */
  readonly maxConnections?: number;
  /** Connections at once from one address. @default no limit but `maxConnections` */
  readonly maxConnectionsPerAddress?: number;
  /** When silent peers are asked and given up; `false` for never. @default the dialect's own */
  readonly heartbeat?: HeartbeatOptions | false;
  /** A limit for every handler that has none of its own. @default the dialect's, or none */
  readonly handlerTimeoutMs?: number;
  /** For calls of the server to its clients. @default the dialect's, or 30_000 */
  readonly callTimeoutMs?: number;
  /** What happens when a client does not keep up with its events. @default "block" */
  readonly slowConsumer?: SlowConsumer;
  /**
   * How long a sender of events waits for one client whose policy is `block`; then that client is
   * told `RATE_LIMITED` and closed, so that it does not hold the others.
   *
   * @default 10_000
   */
  readonly blockTimeoutMs?: number;
  /**
   * Dialects without encryption are refused beyond loopback unless this is written out.
   *
   * @default "loopback"
   */
  readonly plaintext?: "allow" | "loopback";
  /**
   * Lets clients go on with their session over another channel after a break; `false`: a session
   * ends with its channel.
   */
  readonly resume?: SessionOptions | false;
  /** Lets `currentCall()` tell who calls, below any handler. Costs some of the speed. @default false */
  readonly callContext?: boolean;
  /** Runs the handlers of procedures that name a `worker`. @default none: such are refused */
  readonly executor?: Executor;
  /**
   * Looks at each message of a peer before anything is done with it, as rate limits do. Gives the
   * message to go on with, or `undefined` to drop it; a call is answered at once when it comes back
   * with `settled`.
   */
  readonly screen?: (message: Message, bytes: number, peer: Peer) => Message | undefined;
}

/** What sessions may cost that go on over another channel. */
export interface SessionOptions {
  /** How long a session waits for its client without a channel; then it ends. @default 60_000 */
  readonly windowMs?: number;
  /** Sessions that wait at once; beyond it the one that waits longest ends. @default 1_000 */
  readonly maxSessions?: number;
  /**
   * Bytes of one session that are kept because the client has not acknowledged them. Beyond it the
   * session cannot go on until it has acknowledged more; and a client that is away is given up
   * when so many bytes of events wait for it.
   *
   * @default 4_194_304
   */
  readonly maxHeldBytes?: number;
}

const DEFAULT_SESSIONS: Required<SessionOptions> = Object.freeze({
  windowMs: 60_000,
  maxSessions: 1_000,
  maxHeldBytes: 4_194_304,
});

/**
 * What happens to events for a client that does not read as fast as they come.
 * `block`: the sender waits, at most `blockTimeoutMs`. `drop-oldest`: some are kept, older ones are lost. `conflate`: only
 * the latest is kept. `disconnect`: the client is told `RATE_LIMITED` and closed.
 */
export type SlowConsumer = "block" | "drop-oldest" | "conflate" | "disconnect";

/** All of them, for checks of what arrives. */
export const SLOW_CONSUMERS: readonly SlowConsumer[] = Object.freeze([
  "block",
  "drop-oldest",
  "conflate",
  "disconnect",
]);

/** Where and how a server listens. */
export interface ListenOptions {
  /** Spoken here, told apart by their first bytes. @default the one of the URL's scheme */
  readonly dialects?: readonly Dialect[];
  /** @default the one of the URL's scheme */
  readonly transport?: Transport;
  /** TLS, HTTP and WebSocket on the same port. @default those of the URL's scheme */
  readonly layers?: readonly Layer[];
}

/** What the preset adds to the options. */
export interface ServerSurroundings {
  readonly platform: Platform;
  readonly schemes: LoadableSchemes;
  /** Tells the key by which clients know this server. */
  readonly fingerprint: () => Promise<string>;
}

/** What is not filled in here, because it may differ from dialect to dialect. */
type Unfilled = "heartbeat" | "callTimeoutMs" | "handlerTimeoutMs" | "screen" | "executor";

/** Options with everything filled in. */
export type ServerConfig = Readonly<
  Required<Omit<ServerOptions, Unfilled | "limits" | "resume" | "name" | "version" | "description">>
> &
  Pick<ServerOptions, Unfilled> & {
    readonly limits: ConnectionLimits;
    readonly resume: Required<SessionOptions> | false;
    readonly about: {
      readonly name?: string;
      readonly version?: string;
      readonly description?: string;
    };
  };

/** Fills in and checks. @throws `INVALID_ARGUMENT` naming the option, the value and what is allowed */
export function serverConfig(options: ServerOptions): ServerConfig {
  const { name, version, description } = options;
  const config: ServerConfig = {
    authenticator: options.authenticator ?? EVERYBODY,
    logger: options.logger ? guardedLogger(options.logger) : SILENT,
    maxConnections: options.maxConnections ?? 10_000,
    maxConnectionsPerAddress: options.maxConnectionsPerAddress ?? Number.POSITIVE_INFINITY,
    ...(options.heartbeat !== undefined && { heartbeat: options.heartbeat }),
    ...(options.handlerTimeoutMs !== undefined && { handlerTimeoutMs: options.handlerTimeoutMs }),
    ...(options.screen && { screen: options.screen }),
    ...(options.executor && { executor: options.executor }),
    ...(options.callTimeoutMs !== undefined && { callTimeoutMs: options.callTimeoutMs }),
    slowConsumer: options.slowConsumer ?? "block",
    blockTimeoutMs: options.blockTimeoutMs ?? 10_000,
    plaintext: options.plaintext ?? "loopback",
    callContext: options.callContext ?? false,
    resume: options.resume !== false && withDefaults(DEFAULT_SESSIONS, options.resume),
    limits: withDefaults(DEFAULT_LIMITS, options.limits),
    about: {
      ...(name !== undefined && { name }),
      ...(version !== undefined && { version }),
      ...(description !== undefined && { description }),
    },
  };
  check(config);
  return config;
}

function check({ limits, heartbeat, slowConsumer, plaintext, ...config }: ServerConfig): void {
  checkPositive({ ...config.resume });
  const { maxConnections, maxConnectionsPerAddress } = config;
  const { handlerTimeoutMs = 1, callTimeoutMs, blockTimeoutMs } = config;
  checkPositive({ ...limits, ...heartbeat, maxConnections, maxConnectionsPerAddress });
  checkPositive({ handlerTimeoutMs, callTimeoutMs, blockTimeoutMs });
  checkWord("slowConsumer", slowConsumer, SLOW_CONSUMERS);
  checkWord("plaintext", plaintext, ["allow", "loopback"]);
}

const EVERYBODY: Authenticator = Object.freeze({
  authenticate: async (evidence: { readonly scheme: string }) =>
    evidence.scheme === "anonymous" ? ANONYMOUS : undefined,
});
