import type { Logger } from "../../core/contracts/logger.ts";
import { checkPositive, invalidOption } from "../../core/engine/check-options.ts";

/** Where NATS is, and what one node needs to take part. */
export interface NatsOptions {
  /**
   * `nats://127.0.0.1:4222`, or several servers of one NATS cluster. `tls://` insists on TLS. May
   * carry `user:password@`, which is shown nowhere.
   */
  readonly servers: string | readonly string[];
  /**
   * The secret of the cluster, of at least 128 bits, the same on all nodes: the engine sees only
   * what is sealed with it. Of several the first seals and all open, so that it can be changed.
   */
  readonly clusterKey: ClusterKey | readonly ClusterKey[];
  /**
   * What the cluster is called in the engine, which several clusters may share: letters, digits,
   * `-` and `_`.
   *
   * @default "sealwire"
   */
  readonly name?: string;
  /** The token of a NATS server that wants one. */
  readonly token?: string;
  /** Files of TLS, in PEM. */
  readonly tls?: NatsTls;
  /**
   * How long NATS is waited for at the start, before it fails with `UNAVAILABLE`. Once it was
   * there, a lost engine is waited for without end.
   *
   * @default 10_000
   */
  readonly connectTimeoutMs?: number;
  /** Hears of the engine's going and coming, and of what did not open. @default none */
  readonly logger?: Logger;
}

/** A secret of a cluster. */
export type ClusterKey = Uint8Array | string;

/** Files of TLS, in PEM. */
export interface NatsTls {
  /** Who signs the server's certificate, where the system does not know. */
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
}

const DEFAULT_NAME = "sealwire";
const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;
const SCHEMES: ReadonlySet<string> = new Set(["nats:", "tls:"]);

/** Options that have been checked. */
export interface NatsTarget {
  /** `host:port`, without secrets. */
  readonly hosts: readonly string[];
  readonly name: string;
  readonly clusterKeys: readonly ClusterKey[];
  readonly connectTimeoutMs: number;
  readonly encrypted: boolean;
  readonly user: string | undefined;
  readonly password: string | undefined;
}

/** @throws `INVALID_ARGUMENT` naming the option; never shows a secret */
export function natsTarget(options: NatsOptions): NatsTarget {
  const { name = DEFAULT_NAME, connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS } = options;
  checkPositive({ connectTimeoutMs });
  if (!/^[-\w]{1,32}$/.test(name)) {
    throw invalidOption("name", JSON.stringify(name), "1 to 32 letters, digits, - and _");
  }
  const urls = [options.servers].flat().map(urlOf);
  const [first] = urls;
  if (!first) throw invalidOption("servers", "[]", "at least one, such as nats://127.0.0.1:4222");
  const clusterKeys = listOf(options.clusterKey);
  if (clusterKeys.length === 0) throw invalidOption("clusterKey", "[]", "at least one secret");
  return {
    hosts: urls.map((url) => url.host),
    name,
    clusterKeys,
    connectTimeoutMs,
    encrypted: urls.some((url) => url.protocol === "tls:"),
    user: first.username === "" ? undefined : decodeURIComponent(first.username),
    password: first.password === "" ? undefined : decodeURIComponent(first.password),
  };
}

function listOf(key: NatsOptions["clusterKey"]): readonly ClusterKey[] {
  return typeof key === "string" || key instanceof Uint8Array ? [key] : key;
}

function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && SCHEMES.has(url.protocol) && url.hostname !== "") {
    if (url.port === "") url.port = "4222";
    return url;
  }
  // Not shown as it is: it may hold a password.
  throw invalidOption("servers", "no URL of NATS", "nats://host:port or tls://host:port");
}
