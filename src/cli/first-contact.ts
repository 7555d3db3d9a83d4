import type { KnownServersFile } from "../client/known-servers.node.ts";
import { isKeyProblem } from "../client/trust.ts";
import { systemCode } from "../core/engine/system-errors.ts";
import { type ErrorCode, SealwireError } from "../core/model/errors.ts";
import { parseApiKey } from "../crypto/api-key-text.ts";
import { formatPublicKey } from "../crypto/format-keys.ts";
import type { WrittenCredentials } from "../presets/keys-in-options.ts";
import { knownServers } from "../presets/known-servers.node.ts";
import type { Shell } from "./shell.ts";

/** The file of known servers, and the key that an unknown one has shown. */
export interface Meeting {
  readonly known: KnownServersFile;
  readonly shown: Uint8Array | undefined;
}

/** Remembers what a server shows, so that a person can be asked afterwards. */
export function meeting(shell: Shell, acceptNew = false): Meeting {
  const file = knownServers({ acceptNew, tell: (line) => shell.note(line) });
  const seen: { key?: Uint8Array } = {};
  const accept: KnownServersFile["accept"] = (server, key) => {
    seen.key = key;
    return file.accept(server, key);
  };
  return {
    known: { ...file, accept },
    get shown() {
      return seen.key;
    },
  };
}

/** A person is asked when the handshake is over: no server waits so long for an answer. */
export async function acceptedByPerson(
  shell: Shell,
  url: URL,
  { known, shown }: Meeting,
  thrown: unknown,
): Promise<boolean> {
  if (!shell.interactive || !shown || !isKeyProblem(SealwireError.from(thrown))) return false;
  shell.note(`${url.host} is not known yet. It shows the key ${formatPublicKey(shown)}.`);
  const answer = await shell.ask("Does its owner confirm this key? (yes/no) ");
  if (!/^y(es)?$/i.test(answer.trim())) return false;
  await known.remember(url, shown);
  return true;
}

/** Whether a key could be guessed by whoever poses as the server. */
export function isFreeText(credentials: WrittenCredentials): boolean {
  return credentials.scheme === "api-key" && parseApiKey(credentials.key).kind === "free-text";
}

const UNSAFE = "free-text-key";

/** A free-text key was about to go to a server that nobody knows. */
export function unsafeFirstContact(url: URL): SealwireError {
  return new SealwireError(
    "HANDSHAKE_FAILED",
    `the key of ${url.host} is unknown, and an API key of free text could be guessed by whoever ` +
      "poses as it: give the server's fingerprint with --pin, or use a generated key",
    { details: UNSAFE },
  );
}

/** What to do next, where the error itself cannot know the names of our options. */
export function hintFor(
  error: SealwireError,
  host: string,
  pinned: boolean,
  shown: Uint8Array | undefined,
): string | undefined {
  if (ANOTHER_LANGUAGE.has(error.code) || wasCut(error)) return OTHER_SCHEME;
  if (error.code === "UNAUTHENTICATED") return OTHER_CREDENTIALS;
  if (error.code !== "HANDSHAKE_FAILED" || error.details === UNSAFE) return undefined;
  if (pinned) return "the server has not shown a key that --pin names";
  if (shown) {
    const key = formatPublicKey(shown);
    return `if its owner confirms its key, use --pin ${key}, or --accept-new to remember it`;
  }
  const { place } = knownServers();
  return (
    `if ${host} is known to have a new key, take its entry out of ${place}, ` +
    "or name the new key with --pin"
  );
}

/** How a greeting ends with whoever speaks HTTP, TLS or anything else. */
const ANOTHER_LANGUAGE: ReadonlySet<ErrorCode> = new Set(["TOO_LARGE", "PROTOCOL_VIOLATION"]);

/** Whoever hears a greeting that it does not know may also hang up. */
function wasCut({ code, cause }: SealwireError): boolean {
  return code === "UNAVAILABLE" && systemCode(cause) === "ECONNRESET";
}

const OTHER_CREDENTIALS = "are they complete, meant for this server, and not revoked or expired?";
const OTHER_SCHEME = "something else seems to listen there: is it tcp, tls, ws or wss?";
