import type { Dialect, DialectDefaults } from "../core/contracts/dialect.ts";
import type { Logger } from "../core/contracts/logger.ts";
import { SILENT } from "../core/contracts/logger.ts";
import type { LoadableSchemes, Platform } from "../core/contracts/platform.ts";
import type { Transport } from "../core/contracts/transport.ts";
import { checkPositive, withDefaults } from "../core/engine/check-options.ts";
import { guardedLogger } from "../core/engine/guarded-logger.ts";
import { DEFAULT_HEARTBEAT, type HeartbeatOptions } from "../core/engine/heartbeat.ts";
import { type ConnectionLimits, DEFAULT_LIMITS } from "../core/engine/limits.ts";
import type { Credentials } from "../core/model/credentials.ts";
import { type BackoffOptions, DEFAULT_BACKOFF } from "./backoff.ts";
import type { KnownServers } from "./trust.ts";

/** What a client may be told. */
export interface ClientOptions {
  /** What proves who we are. @default anonymous */
  readonly credentials?: Credentials;
  /** @default the one of the URL's scheme */
  readonly dialect?: Dialect;
  /** @default the one of the URL's scheme */
  readonly transport?: Transport;
  /** The keys by which the server is known, 32 bytes each, the current first. */
  readonly serverKeys?: readonly Uint8Array[];
  /** Where keys of servers seen before are kept; asked when `serverKeys` is empty. */
  readonly knownServers?: KnownServers;
  /** The name with which free-text API keys are stretched; as the server's. @default "sealwire" */
  readonly serverName?: string;
  /** Told to the server in the greeting. */
  readonly name?: string;
  readonly version?: string;
  /** How long connecting may take, the greeting included. @default 10_000 */
  readonly connectTimeoutMs?: number;
  /** For calls without a timeout of their own. @default the dialect's, or 30_000 */
  readonly callTimeoutMs?: number;
  /** Coming back after a break; `false` for never. */
  readonly reconnect?: BackoffOptions | false;
  /**
   * What a session may cost that goes on over another channel after a break, where the server lets
   * it; `false`: a session ends with its channel, as it does without `reconnect`.
   */
  readonly resume?: ResumeOptions | false;
  /**
   * Other addresses of the same server, which are tried in turn when the client cannot come back
   * over its own; with the same dialect and options. @default none
   */
  readonly fallbacks?: readonly (string | URL)[];
  /** How often a call may be repeated, if it is idempotent. @default 3 */
  readonly retries?: number;
  /** When a silent server is asked and given up; `false` for never. */
  readonly heartbeat?: HeartbeatOptions | false;
  readonly limits?: Partial<ConnectionLimits>;
  /** A pino instance, or anything with `debug`, `info`, `warn` and `error`. @default silence */
  readonly logger?: Logger;
  /** Ends the connecting, not the connection. */
  readonly signal?: AbortSignal;
}

/** What a session may cost that can go on over another channel. */
export interface ResumeOptions {
  /**
   * Bytes kept of what was sent and has not been acknowledged. Beyond it the session cannot go on
   * until the server has acknowledged more.
   *
   * @default 4_194_304
   */
  readonly maxHeldBytes?: number;
}

/** What the preset adds to the options. */
export interface ClientSurroundings {
  readonly platform: Platform;
  /** That of the address must have been loaded. */
  readonly schemes: LoadableSchemes;
}

/** Options with everything filled in. */
export interface ClientConfig {
  readonly credentials: Credentials;
  readonly serverKeys: readonly Uint8Array[];
  readonly knownServers: KnownServers | undefined;
  readonly serverName: string;
  readonly about: { readonly name?: string; readonly version?: string };
  readonly connectTimeoutMs: number;
  readonly callTimeoutMs: number;
  readonly reconnect: Required<BackoffOptions> | false;
  readonly resume: Required<ResumeOptions> | false;
  readonly fallbacks: ClientOptions["fallbacks"] | undefined;
  readonly retries: number;
  readonly heartbeat: HeartbeatOptions | false;
  readonly limits: ConnectionLimits;
  readonly logger: Logger;
}

/** Fills in and checks. @throws `INVALID_ARGUMENT` naming the option, the value and what is allowed */
export function clientConfig(options: ClientOptions, defaults: DialectDefaults = {}): ClientConfig {
  const { name, version, reconnect, resume, limits } = options;
  const connectTimeoutMs = options.connectTimeoutMs ?? 10_000;
  const greeting = { ...DEFAULT_LIMITS, handshakeTimeoutMs: connectTimeoutMs };
  const config: ClientConfig = {
    credentials: options.credentials ?? { scheme: "anonymous" },
    serverKeys: options.serverKeys ?? [],
    knownServers: options.knownServers,
    serverName: options.serverName ?? "sealwire",
    about: { ...(name !== undefined && { name }), ...(version !== undefined && { version }) },
    connectTimeoutMs,
    callTimeoutMs: options.callTimeoutMs ?? defaults.callTimeoutMs ?? 30_000,
    reconnect: reconnect === false ? false : withDefaults(DEFAULT_BACKOFF, reconnect),
    resume:
      reconnect !== false && resume !== false && withDefaults({ maxHeldBytes: 4_194_304 }, resume),
    fallbacks: options.fallbacks,
    retries: options.retries ?? 3,
    heartbeat: options.heartbeat ?? defaults.heartbeat ?? DEFAULT_HEARTBEAT,
    limits: withDefaults(greeting, limits),
    logger: options.logger ? guardedLogger(options.logger) : SILENT,
  };
  check(config);
  return config;
}

function check({ limits, heartbeat, reconnect, resume, retries, ...config }: ClientConfig): void {
  const { connectTimeoutMs, callTimeoutMs } = config;
  const { random: _random, ...pauses } = reconnect || DEFAULT_BACKOFF;
  checkPositive({
    ...limits,
    ...heartbeat,
    ...resume,
    ...pauses,
    connectTimeoutMs,
    callTimeoutMs,
    // Nought means never, which is a sensible wish here.
    retries: retries === 0 ? 1 : retries,
  });
}
