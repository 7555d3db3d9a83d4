import { isFields } from "../core/engine/fields.ts";
import { SealwireError } from "../core/model/errors.ts";

/** Keys as people see them; given by the preset. */
export interface KeyText {
  format(key: Uint8Array): string;
  /** @throws `INVALID_ARGUMENT` for a mistyped key */
  parse(text: string): Uint8Array;
}

/** Servers by scheme, host and port, each with its keys, the first seen first. */
export type SeenServers = ReadonlyMap<string, readonly Uint8Array[]>;

/** More servers than this are refused: a file that only grows is a mistake. */
export const MAX_KNOWN_SERVERS = 10_000;

/** The name of a server in the file: what another port serves has another key. */
export function serverName(server: URL): string {
  const port = server.port || DEFAULT_PORTS[server.protocol];
  const host = server.hostname.toLowerCase();
  return `${server.protocol}//${host}${port === undefined ? "" : `:${port}`}`;
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { "ws:": "80", "wss:": "443" };

/** Known servers as a file that people can read and change. */
export function formatSeen(servers: SeenServers, text: KeyText): string {
  const entries = [...servers].map(([name, keys]) => [name, keys.map(text.format)] as const);
  return `${JSON.stringify({ version: 1, servers: Object.fromEntries(entries) }, undefined, 2)}\n`;
}

/** @throws `INVALID_ARGUMENT`, naming `path` and the entry, when the text is no such file */
export function parseSeen(path: string, content: string, text: KeyText): SeenServers {
  const file = parseJson(path, content);
  if (!isFields(file)) throw malformed(path, 'must be an object with "version" and "servers"');
  if (file["version"] !== 1) {
    throw malformed(path, `is of version ${JSON.stringify(file["version"])}; this program reads 1`);
  }
  const { servers } = file;
  if (!isFields(servers)) throw malformed(path, 'must have an object "servers"');
  const entries = Object.entries(servers);
  if (entries.length > MAX_KNOWN_SERVERS) throw malformed(path, `has over ${MAX_KNOWN_SERVERS}`);
  return new Map(entries.map(([name, keys]) => [name, parseKeys(path, name, keys, text)]));
}

function parseKeys(
  path: string,
  name: string,
  keys: unknown,
  text: KeyText,
): readonly Uint8Array[] {
  const where = `${path}, server ${JSON.stringify(name)},`;
  if (!Array.isArray(keys)) throw malformed(where, "must have a list of keys");
  return keys.map((key: unknown) => {
    if (typeof key !== "string") throw malformed(where, "has a key that is not text");
    try {
      return text.parse(key);
    } catch (cause) {
      throw malformed(where, `has a bad key: ${SealwireError.from(cause).message}`);
    }
  });
}

function parseJson(path: string, content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    throw malformed(path, "is not JSON; correct it, or delete it to meet all servers anew");
  }
}

function malformed(where: string, what: string): SealwireError {
  return new SealwireError("INVALID_ARGUMENT", `the file of known servers ${where} ${what}`);
}
