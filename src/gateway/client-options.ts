import type { Clock } from "../core/contracts/clock.ts";
import type { Transport } from "../core/contracts/transport.ts";
import {
  checkPositive,
  checkWhole,
  checkWord,
  withDefaults,
} from "../core/engine/check-options.ts";
import { SealwireError } from "../core/model/errors.ts";

/** What a client of the proxy can be told. */
export interface SrmudpClientOptions {
  /**
   * Names this client to the proxy, so that it takes its own place again after a break.
   *
   * @default a random one
   */
  readonly clientId?: string;
  /** The UDP port of the proxy's side, so that the peer knows where to send. @default any */
  readonly localPort?: number;
  /** Whether the peer must prove the key. Peers of the Python library cannot. @default false */
  readonly authenticate?: boolean;
  /**
   * What the peer speaks: SRMUDP, or the native dialect at `udp://`, which always proves the key.
   *
   * @default "srmudp"
   */
  readonly mode?: "srmudp" | "udp";
  /** A key to use the proxy itself, where it asks for one. */
  readonly apiKey?: string;
  /**
   * Whether the `encryption_key` goes into the address, where logs may keep it. Only proxies of
   * the original need that; others get it in the first frame.
   *
   * @default false
   */
  readonly keyInAddress?: boolean;
  /** Whether to come back after a break, and how. @default the defaults of `ReconnectOptions` */
  readonly reconnect?: false | ReconnectOptions;
  /**
   * Received bytes that may wait to be taken. Beyond it nothing more is read, acknowledgements
   * included; in pages, whose WebSockets cannot be held up, the connection breaks at last.
   *
   * @default 16_777_216
   */
  readonly maxWaitingBytes?: number;
  /** Bytes that may wait to be sent while there is no connection. @default 4_194_304 */
  readonly maxQueuedBytes?: number;
  /** How often the proxy is asked whether it is there. @default 20_000 */
  readonly heartbeatMs?: number;
  /** How WebSockets are opened. @default those of the platform */
  readonly transport?: Transport;
  readonly clock?: Clock;
}

/** How a client comes back: each pause is twice the one before, with chance in it. */
export interface ReconnectOptions {
  /** The longest first pause. @default 250 */
  readonly baseMs?: number;
  /** The longest pause at all. @default 10_000 */
  readonly maxMs?: number;
  /** Tries before it gives up. @default without end */
  readonly attempts?: number;
}

/** Where the proxy is, whom it shall reach, and the key. */
export interface SrmudpTarget {
  readonly url: URL;
  readonly remoteHost: string;
  readonly remotePort: number;
  readonly encryptionKey: string;
}

/** The options with nothing left open. */
export interface SrmudpClientSettings {
  readonly clientId: string | undefined;
  readonly localPort: number;
  readonly authenticate: boolean;
  readonly mode: "srmudp" | "udp";
  readonly apiKey: string | undefined;
  readonly keyInAddress: boolean;
  readonly reconnect: false | Required<ReconnectOptions>;
  readonly maxWaitingBytes: number;
  readonly maxQueuedBytes: number;
  readonly heartbeatMs: number;
  readonly transport: Transport;
  readonly clock: Clock;
}

type DefaultedOptions = Exclude<keyof SrmudpClientSettings, "reconnect" | "transport" | "clock">;

const RECONNECT: Required<ReconnectOptions> = Object.freeze({
  baseMs: 250,
  maxMs: 10_000,
  attempts: Number.POSITIVE_INFINITY,
});

/** The defaults of the client that are not the platform's. */
export const CLIENT_DEFAULTS: Pick<SrmudpClientSettings, DefaultedOptions> = Object.freeze({
  clientId: undefined,
  localPort: 0,
  authenticate: false,
  mode: "srmudp",
  apiKey: undefined,
  keyInAddress: false,
  maxWaitingBytes: 16_777_216,
  maxQueuedBytes: 4_194_304,
  heartbeatMs: 20_000,
});

/** @throws `INVALID_ARGUMENT` for an option that makes no sense. */
export function clientSettings(
  options: SrmudpClientOptions,
  platform: Pick<SrmudpClientSettings, "transport" | "clock">,
): SrmudpClientSettings {
  const { reconnect = {}, ...rest } = options;
  const settings = withDefaults<Omit<SrmudpClientSettings, "reconnect">>(
    { ...CLIENT_DEFAULTS, ...platform },
    rest,
  );
  checkWord("mode", settings.mode, ["srmudp", "udp"]);
  checkWhole("localPort", settings.localPort, 0, 65_535);
  checkWhole("maxWaitingBytes", settings.maxWaitingBytes);
  checkWhole("maxQueuedBytes", settings.maxQueuedBytes);
  checkWhole("heartbeatMs", settings.heartbeatMs, 1, 2_147_483_647);
  if (reconnect === false) return { ...settings, reconnect };
  const backoff = withDefaults(RECONNECT, reconnect);
  checkPositive({ ...backoff });
  return { ...settings, reconnect: backoff };
}

/** @throws `INVALID_ARGUMENT` for a place or a key that cannot be used. */
export function checkTarget(
  url: string | URL,
  remoteHost: string,
  remotePort: number,
  encryptionKey: string,
): SrmudpTarget {
  const text = String(url);
  if (!URL.canParse(text) || !/^wss?:$/.test(new URL(text).protocol)) {
    const message = "the address of the proxy cannot be used; write ws://host:8000/v0/ws/proxy";
    throw new SealwireError("INVALID_ARGUMENT", message);
  }
  if (typeof remoteHost !== "string" || remoteHost === "") {
    throw new SealwireError("INVALID_ARGUMENT", "remoteHost is empty; give the peer's address");
  }
  checkWhole("remotePort", remotePort, 1, 65_535);
  if (typeof encryptionKey !== "string" || encryptionKey === "" || encryptionKey.length > 1_024) {
    const message = "encryptionKey has not 1 to 1024 characters; both peers agree on one";
    throw new SealwireError("INVALID_ARGUMENT", message);
  }
  return { url: new URL(text), remoteHost, remotePort, encryptionKey };
}
