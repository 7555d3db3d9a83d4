import type { Authenticator } from "../core/contracts/authenticator.ts";
import type { Clock } from "../core/contracts/clock.ts";
import type { Logger } from "../core/contracts/logger.ts";
import { SILENT } from "../core/contracts/logger.ts";
import {
  checkWhole,
  invalidOption,
  wholeLimits,
  withDefaults,
} from "../core/engine/check-options.ts";
import type { LinkMode, LinkOpener } from "./link.ts";
import type { SrmudpLinkOptions } from "./srmudp-links.ts";
import { SYSTEM_CLOCK } from "./system-clock.ts";
import type { PortRange } from "./targets.ts";

/** What one proxy may cost; each limit says what happens beyond it. */
export interface GatewayLimits {
  /** WebSockets at once; one more is answered with HTTP 429. @default 1_000 */
  readonly maxConnections: number;
  /** The same for one address (of IPv6, one network of 64 bits). @default 64 */
  readonly maxConnectionsPerAddress: number;
  /** WebSockets that one address may open in a minute; more are answered with 429. @default 120 */
  readonly opensPerMinute: number;
  /**
   * The largest message, either way. The client gets an error for a larger one, the link lives on.
   *
   * @default 8_388_608
   */
  readonly maxMessageBytes: number;
  /**
   * Bytes of messages a second for each connection, each way; who sends more is slowed down.
   *
   * @default 67_108_864
   */
  readonly bytesPerSecond: number;
  /**
   * Bytes that may be on the way to a peer. Beyond it nothing is read from the client, or, while
   * there is no link, messages get an error.
   *
   * @default 4_194_304
   */
  readonly maxPendingBytes: number;
  /**
   * How long the first frame may take where it carries a key; then ERROR `auth_failed`.
   *
   * @default 10_000
   */
  readonly authTimeoutMs: number;
  /** How long a peer may not answer before the link is given up. @default 600_000 */
  readonly waitingTimeoutMs: number;
  /** How long an established peer may take nothing although much waits for it. @default 120_000 */
  readonly stallTimeoutMs: number;
  /** How often a link that failed is opened again, without success between. @default 5 */
  readonly reconnectAttempts: number;
  /** The pause before that. @default 5_000 */
  readonly reconnectDelayMs: number;
  /** How often a client is asked whether it is there. @default 30_000 */
  readonly heartbeatIntervalMs: number;
  /** How long it may then be silent. @default 15_000 */
  readonly heartbeatTimeoutMs: number;
  /** How long a ticket can be used. @default 60_000 */
  readonly ticketLifetimeMs: number;
  /** How long a request may take to come with its headers and its body. @default 10_000 */
  readonly requestTimeoutMs: number;
}

/** What a proxy can be told. All of it may be left out. */
export interface GatewayOptions {
  /** Judges the API keys of the proxy's users. @default everybody may use it */
  readonly authenticator?: Authenticator;
  /**
   * Whether to listen beyond loopback without an authenticator: everybody could then let this
   * machine send datagrams.
   *
   * @default false
   */
  readonly allowAnyone?: boolean;
  /**
   * Origins beside the proxy's own whose pages may use it; `"any"` lets every page in the world,
   * from the browser of whoever looks at it.
   *
   * @default []
   */
  readonly allowedOrigins?: readonly string[] | "any";
  /**
   * Names under which the proxy is reached, beside `localhost`, addresses and the name it listens
   * at. Requests for others are refused, because a page can give its own name any address.
   *
   * @default []
   */
  readonly allowedHosts?: readonly string[];
  /** Whether links may lead to private, loopback and link-local addresses. @default false */
  readonly allowPrivate?: boolean;
  /**
   * The only places that links may lead to: addresses, networks such as `203.0.113.0/24`, names,
   * each with `:PORT` behind it if only one is meant. Private ones among them are allowed.
   *
   * @default everywhere that is public
   */
  readonly allowedTargets?: readonly string[];
  /** Ports of peers; below are the system's services. @default { from: 1_024, to: 65_535 } */
  readonly remotePorts?: PortRange;
  /** Ports of this machine that clients may choose. @default { from: 1_024, to: 65_535 } */
  readonly localPorts?: PortRange;
  /** The port of links of `/v0/ws/bridge` where the client names none; 0: any. @default 0 */
  readonly preferredPort?: number;
  /** The address that links are bound to. @default every address of the peer's family */
  readonly bindHost?: string;
  /**
   * Whether peers must prove the `encryption_key` where the query does not say. Peers of the
   * original cannot.
   *
   * @default false
   */
  readonly authenticate?: boolean;
  /** STUN servers, as `host:port`, for `discover_public_address`. @default none */
  readonly stunServers?: readonly string[];
  readonly limits?: Partial<GatewayLimits>;
  /** Certificate and key (PEM) for `https:`. */
  readonly tls?: { readonly cert: string | Uint8Array; readonly key: string | Uint8Array };
  /** Times and limits of the links of SRMUDP. @default those of the transport */
  readonly srmudp?: SrmudpLinkOptions;
  /** How links are opened. @default SRMUDP over the UDP sockets of Node */
  readonly links?: Partial<Readonly<Record<LinkMode, LinkOpener>>>;
  /** Gives the addresses of a name. @default that of the system */
  readonly lookup?: (name: string) => Promise<readonly string[]>;
  readonly logger?: Logger;
  readonly clock?: Clock;
}

/** The options with nothing left open. */
export interface GatewaySettings extends Omit<Required<GatewayOptions>, OpenOptions> {
  readonly authenticator: Authenticator | undefined;
  readonly allowedTargets: readonly string[] | undefined;
  readonly bindHost: string | undefined;
  readonly tls: GatewayOptions["tls"] | undefined;
  readonly lookup: GatewayOptions["lookup"] | undefined;
  readonly limits: GatewayLimits;
}

type OpenOptions = "authenticator" | "allowedTargets" | "bindHost" | "tls" | "lookup" | "limits";

/** The limits that hold where an option says nothing. */
export const GATEWAY_LIMITS: GatewayLimits = Object.freeze({
  maxConnections: 1_000,
  maxConnectionsPerAddress: 64,
  opensPerMinute: 120,
  maxMessageBytes: 8_388_608,
  bytesPerSecond: 67_108_864,
  maxPendingBytes: 4_194_304,
  authTimeoutMs: 10_000,
  waitingTimeoutMs: 600_000,
  stallTimeoutMs: 120_000,
  reconnectAttempts: 5,
  reconnectDelayMs: 5_000,
  heartbeatIntervalMs: 30_000,
  heartbeatTimeoutMs: 15_000,
  ticketLifetimeMs: 60_000,
  requestTimeoutMs: 10_000,
});

const DEFAULTS = Object.freeze({
  allowedOrigins: Object.freeze([]),
  allowedHosts: Object.freeze([]),
  allowAnyone: false,
  allowPrivate: false,
  remotePorts: Object.freeze({ from: 1_024, to: 65_535 }),
  localPorts: Object.freeze({ from: 1_024, to: 65_535 }),
  preferredPort: 0,
  authenticate: false,
  stunServers: Object.freeze([]),
  srmudp: Object.freeze({}),
  links: Object.freeze({}),
  logger: SILENT,
  clock: SYSTEM_CLOCK,
  ...{ authenticator: undefined, allowedTargets: undefined, bindHost: undefined },
  ...{ tls: undefined, lookup: undefined },
});

/** @throws `INVALID_ARGUMENT` naming the option, the value and what is allowed. */
export function gatewaySettings(options: GatewayOptions): GatewaySettings {
  const { limits: given = {}, ...rest } = options;
  const limits = wholeLimits(GATEWAY_LIMITS, given, MAX_LIMIT);
  const settings = withDefaults<Omit<GatewaySettings, "limits">>(DEFAULTS, rest);
  checkWhole("preferredPort", settings.preferredPort, 0, 65_535);
  checkRange("remotePorts", settings.remotePorts);
  checkRange("localPorts", settings.localPorts);
  return { ...settings, limits };
}

/** The longest time a timer can wait, and more than any count needs. */
const MAX_LIMIT = 2_147_483_647;

function checkRange(name: string, { from, to }: PortRange): void {
  checkWhole(`${name}.from`, from, 1, 65_535);
  checkWhole(`${name}.to`, to, 1, 65_535);
  if (from > to) throw invalidOption(`${name}.from`, from, `at most ${name}.to, which is ${to}`);
}
