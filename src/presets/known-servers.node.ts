import {
  type KnownServersFile,
  type KnownServersOptions,
  knownServersIn,
} from "../client/known-servers.node.ts";
import type { KnownServers } from "../client/trust.ts";
import { formatPublicKey } from "../crypto/format-keys.ts";
import { parsePublicKey } from "../crypto/keys.ts";
import type { WrittenClientOptions } from "./keys-in-options.ts";

/**
 * Remembers the keys of servers in a file, by scheme, host and port, as a known-hosts file does.
 * Servers on loopback are remembered at first sight, others if `acceptNew` or a person says so.
 *
 * @throws in `find`: `INVALID_ARGUMENT`, naming the file, when it is malformed
 */
export function knownServers(options: KnownServersOptions = {}): KnownServersFile {
  return knownServersIn(options, { format: formatPublicKey, parse: parsePublicKey });
}

/** The file of known servers, unless the options say otherwise or nothing shows a key anyway. */
export function knownServersFor(
  options: WrittenClientOptions,
  acceptNew: boolean | undefined,
): { readonly knownServers?: KnownServers } {
  const { knownServers: given, pin, credentials } = options;
  if (given || pin !== undefined || credentials?.scheme === "secret") return {};
  return { knownServers: knownServers(acceptNew === undefined ? {} : { acceptNew }) };
}
