import { isIP } from "node:net";
import { SealwireError } from "../core/model/errors.ts";
import type { LinkMode } from "./link.ts";

/** What the address of a WebSocket asks for. */
export interface LinkQuery {
  readonly remoteHost: string;
  readonly remotePort: number;
  /** 0: the system chooses. */
  readonly localPort: number;
  readonly mode: LinkMode;
  readonly clientId?: string;
  readonly encryptionKey?: string;
  /** Whether the key must be proven by the peer; absent: as the proxy has it. */
  readonly authenticate?: boolean;
  /** Everything arrives as binary, also what could be read as text. */
  readonly binary?: true;
  readonly ticket?: string;
}

/** The longest key that is taken, in characters. */
export const MAX_KEY_LENGTH = 1_024;

/**
 * Reads the query of `/v0/ws/proxy`.
 *
 * @throws `INVALID_ARGUMENT` naming the parameter and what it may be. Keys are never shown.
 */
export function parseProxyQuery(query: URLSearchParams): LinkQuery {
  const remoteHost = hostOf(required(query, "remote_host"), "remote_host");
  const remotePort = portOf(required(query, "remote_port"), "remote_port", 1);
  const clientId = optional(query, "client_id");
  if (clientId !== undefined && !/^[\w.@-]{1,64}$/.test(clientId)) {
    throw malformed("client_id", "1 to 64 letters, digits, or . _ @ -");
  }
  const encryptionKey = optional(query, "encryption_key");
  if (encryptionKey !== undefined) checkKey(encryptionKey);
  return {
    ...{ remoteHost, remotePort },
    ...(clientId !== undefined && { clientId }),
    ...(encryptionKey !== undefined && { encryptionKey }),
    ...commonOf(query, 0),
  };
}

/**
 * Reads the query of `/v0/ws/bridge`, whose links are those of SRMUDP.
 *
 * @throws as `parseProxyQuery`
 */
export function parseBridgeQuery(query: URLSearchParams, preferredPort: number): LinkQuery {
  const address = required(query, "remote_address");
  // Cut at the last colon, because IPv6 addresses have come without brackets.
  const [, bracketed, open = "", port = ""] = /^(?:\[([^\]]*)\]|(.*)):([^:]*)$/.exec(address) ?? [];
  if (port === "") throw malformed("remote_address", "host:port");
  return {
    remoteHost: hostOf(bracketed ?? open, "remote_address"),
    remotePort: portOf(port, "the port of remote_address", 1),
    ...commonOf(query, preferredPort),
  };
}

/** @throws `INVALID_ARGUMENT` for an empty key and for one that is too long. */
export function checkKey(key: unknown): asserts key is string {
  if (typeof key === "string" && key !== "" && key.length <= MAX_KEY_LENGTH) return;
  throw malformed("encryption_key", `1 to ${MAX_KEY_LENGTH} characters`);
}

/** @throws `INVALID_ARGUMENT` when the text is no port from `least` on. */
export function portOf(text: string, name: string, least: number): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port >= least && port <= 65_535) return port;
  throw malformed(name, `a whole number from ${least} to 65535`);
}

function commonOf(
  query: URLSearchParams,
  preferredPort: number,
): Pick<LinkQuery, "localPort" | "mode" | "authenticate" | "binary" | "ticket"> {
  const localPort = optional(query, "local_port");
  const mode = word(query, "mode", ["srmudp", "udp"]) ?? "srmudp";
  const authenticate = word(query, "authenticate", ["0", "1"]);
  const format = word(query, "format", ["auto", "binary"]);
  const ticket = optional(query, "ticket");
  return {
    localPort: localPort === undefined ? preferredPort : portOf(localPort, "local_port", 0),
    mode,
    ...(authenticate !== undefined && { authenticate: authenticate === "1" }),
    ...(format === "binary" && { binary: true }),
    ...(ticket !== undefined && { ticket }),
  };
}

function required(query: URLSearchParams, name: string): string {
  const value = optional(query, name);
  if (value !== undefined && value !== "") return value;
  throw new SealwireError("INVALID_ARGUMENT", `${name} is missing; it is a required parameter`);
}

/** Who sees one value of two and who acts on the other would not mean the same. */
function optional(query: URLSearchParams, name: string): string | undefined {
  const [value, ...more] = query.getAll(name);
  if (more.length === 0) return value;
  throw new SealwireError("INVALID_ARGUMENT", `${name} is given more than once; give one`);
}

function word<Word extends string>(
  query: URLSearchParams,
  name: string,
  words: readonly Word[],
): Word | undefined {
  const value = optional(query, name);
  if (value === undefined) return undefined;
  const found = words.find((each) => each === value);
  if (found !== undefined) return found;
  throw malformed(name, words.join(" or "));
}

function hostOf(text: string, name: string): string {
  const host = text.replace(/^\[(.*)\]$/, "$1");
  const named = host.length <= 253 && /^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_.])?$/i.test(host);
  if (isIP(host) !== 0 || named) return host;
  throw malformed(name, "an IPv4 or IPv6 address, or a host name");
}

function malformed(name: string, allowed: string): SealwireError {
  return new SealwireError("INVALID_ARGUMENT", `${name} cannot be used; expected ${allowed}`);
}
