import { join } from "node:path";
import { equalBytes } from "../bytes/equal.ts";
import { isLoopback } from "../core/engine/loopback.ts";
import { SealwireError } from "../core/model/errors.ts";
import { sealwireHome } from "./home.node.ts";
import {
  formatSeen,
  type KeyText,
  MAX_KNOWN_SERVERS,
  parseSeen,
  type SeenServers,
  serverName,
} from "./known-servers-text.ts";
import { readWhole, replaceFile } from "./replace-file.node.ts";
import type { KnownServers } from "./trust.ts";

/** Where the keys of servers are remembered, and what happens at first sight. */
export interface KnownServersOptions {
  /** @default `known-servers.json` in `sealwireHome()` */
  readonly file?: string;
  /** Remembers every server at first sight, with a line told. @default false: loopback alone */
  readonly acceptNew?: boolean;
  /**
   * Asks a person, while the handshake waits: the answer must come before `connectTimeoutMs`.
   * Without, unknown servers beyond loopback are refused.
   */
  readonly ask?: (question: string) => Promise<boolean>;
  /** Gets one line for each server that is remembered. @default standard error */
  readonly tell?: (line: string) => void;
}

/** Known servers in a file. */
export interface KnownServersFile extends KnownServers {
  readonly place: string;
  /**
   * Remembers a key that was judged elsewhere.
   *
   * @throws `CONFLICT` when the server is known by another key, or others keep the file busy
   */
  remember(server: URL, key: Uint8Array): Promise<void>;
}

/** A known-servers file may have so many bytes; a larger one is refused. */
const MAX_FILE_BYTES = 4_194_304;

/**
 * Remembers the keys of servers in a file, by scheme, host and port, as a known-hosts file does.
 *
 * @throws in `find`: `INVALID_ARGUMENT`, naming the file, when it is malformed
 */
export function knownServersIn(options: KnownServersOptions, text: KeyText): KnownServersFile {
  const place = options.file ?? join(sealwireHome(), "known-servers.json");
  const read = async () => parseFile(place, await readWhole(place, MAX_FILE_BYTES), text);
  const remember = (server: URL, key: Uint8Array) =>
    replaceFile(place, async () => formatSeen(withKey(await read(), server, key), text));
  return {
    place,
    find: async (server) => (await read()).get(serverName(server)) ?? [],
    remember,
    async accept(server, key) {
      const shown = { name: serverName(server), fingerprint: text.format(key) };
      if (!(await accepts(server, shown, options))) return false;
      const tell = options.tell ?? tellOnStandardError;
      try {
        await remember(server, key);
        tell(`remembered the key of ${shown.name}: ${shown.fingerprint}`);
      } catch (error) {
        if (SealwireError.from(error).code === "CONFLICT") throw error;
        // Whoever may be trusted at first sight may be so again, where nothing can be written.
        tell(`could not remember the key of ${shown.name}: ${SealwireError.from(error).message}`);
      }
      return true;
    },
  };
}

interface Shown {
  readonly name: string;
  readonly fingerprint: string;
}

async function accepts(server: URL, shown: Shown, options: KnownServersOptions): Promise<boolean> {
  if (options.acceptNew || isLoopback(server.hostname)) return true;
  const { name, fingerprint } = shown;
  const question = `${name} is not known yet. It shows the key ${fingerprint}. Trust it?`;
  return (await options.ask?.(question)) ?? false;
}

function parseFile(place: string, content: string | undefined, text: KeyText): SeenServers {
  return content === undefined ? new Map() : parseSeen(place, content, text);
}

function withKey(seen: SeenServers, server: URL, key: Uint8Array): SeenServers {
  const name = serverName(server);
  const known = seen.get(name) ?? [];
  if (known.some((each) => equalBytes(each, key))) return seen;
  // Two programs may meet a server at the same time; the second must not add an impostor's key.
  if (known.length > 0) throw conflict(name);
  if (seen.size >= MAX_KNOWN_SERVERS) throw full();
  return new Map([...seen, [name, [key]]]);
}

function tellOnStandardError(line: string): void {
  process.stderr.write(`sealwire: ${line}\n`);
}

function conflict(name: string): SealwireError {
  return new SealwireError("CONFLICT", `${name} has just become known by another key`);
}

function full(): SealwireError {
  return new SealwireError(
    "TOO_LARGE",
    `${MAX_KNOWN_SERVERS} servers are known already; take some out of the file`,
  );
}
