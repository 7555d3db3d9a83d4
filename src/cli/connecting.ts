import type { Command } from "commander";
import type { Client } from "../client/client.ts";
import { isLoopback } from "../client/loopback.ts";
import { isKeyProblem } from "../client/trust.ts";
import { SealwireError } from "../core/model/errors.ts";
import { parseApiKey } from "../crypto/api-key-text.ts";
import { formatPublicKey, parsePublicKey } from "../crypto/keys.ts";
import type { WrittenCredentials } from "../presets/keys-in-options.ts";
import { connect, type KnownServersFile, knownServers } from "../presets/node.ts";
import { readEnvFile } from "./env-file.ts";
import { exitCodeOfConnecting, misused, tellFailure } from "./failures.ts";
import { LOG_LEVELS, type LogLevel, logTo } from "./logger.ts";
import { choice, collect, millisecondsOption } from "./option-values.ts";
import { readSmall } from "./secret-file.ts";
import { credentialsFrom, type SecretOptions } from "./secret-options.ts";
import type { Shell } from "./shell.ts";

/** The options of every command that connects. */
export interface ConnectingOptions extends SecretOptions {
  readonly pin?: readonly string[];
  readonly acceptNew?: boolean;
  readonly tlsCa?: string;
  readonly timeout?: number;
  readonly envFile?: string;
  readonly logLevel?: LogLevel;
  readonly json?: boolean;
}

/** Adds the options that say who we are and whom we trust. */
export function withConnectingOptions(command: Command): Command {
  return command
    .option("--key <key>", "API key; - asks for it (SEALWIRE_KEY)")
    .option("--key-file <file>", "file that holds the API key")
    .option("--user <name>", "user of the password")
    .option("--password <password>", "password; - asks for it (SEALWIRE_PASSWORD)")
    .option("--secret <secret>", "shared secret; - asks for it (SEALWIRE_SECRET)")
    .option("--token <token>", "bearer token; - asks for it (SEALWIRE_TOKEN)")
    .option("--identity <file>", "key pair, as keygen --out writes it")
    .option("--pin <fingerprint>", "key of the server, swpub_…; may be repeated", collect)
    .option("--accept-new", "remember the key of a server that is met for the first time")
    .option("--tls-ca <file>", "certificates (PEM) that may sign the server's, for tls and wss")
    .option("--timeout <ms>", "how long to wait, in milliseconds", millisecondsOption)
    .option("--env-file <file>", "file with SEALWIRE_… variables (default: .env if there is one)")
    .option("--log-level <level>", LOG_LEVELS.join(", "), choice(LOG_LEVELS))
    .option("--json", "for machines: results and failures as one line of JSON");
}

/**
 * Connects, lets the command work and closes. A failure is told and becomes an exit code:
 * 1 for a refusal, 2 for a mistake of ours, 3 when there is no connection to the right server.
 */
export async function withClient(
  shell: Shell,
  address: string,
  options: ConnectingOptions & { readonly reconnect?: boolean },
  work: (client: Client) => Promise<number>,
): Promise<number> {
  const attempt: Attempt = { shell, options, url: undefined, shown: undefined };
  let client: Client;
  try {
    client = await open(attempt, address);
  } catch (thrown) {
    const error = SealwireError.from(thrown, "INTERNAL");
    tellFailure(shell, error, options.json, hintFor(error, attempt));
    return isUnsafeFirstContact(error) ? 3 : exitCodeOfConnecting(error.code);
  }
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

/** One wish to connect, with what was found out on the way. */
interface Attempt {
  readonly shell: Shell;
  readonly options: ConnectingOptions & { readonly reconnect?: boolean };
  url: URL | undefined;
  /** The key that an unknown server has shown. */
  shown: Uint8Array | undefined;
}

async function open(attempt: Attempt, address: string): Promise<Client> {
  const { shell, options } = attempt;
  const url = addressFrom(address);
  attempt.url = url;
  const file = readEnvFile(options.envFile);
  const sources = [
    { name: "environment", values: shell.env },
    { name: options.envFile ?? ".env", values: file },
  ];
  const credentials = await credentialsFrom(shell, options, sources);
  const known = knownServersOf(attempt);
  if (isFreeText(credentials) && !options.pin) await meetBefore(attempt, url, known);
  try {
    return await openWith(attempt, url, credentials, known);
  } catch (thrown) {
    if (!(await acceptedByPerson(thrown, attempt, known))) throw thrown;
    return openWith(attempt, url, credentials, known);
  }
}

async function openWith(
  { shell, options }: Attempt,
  url: URL,
  credentials: WrittenCredentials,
  known: KnownServersFile,
): Promise<Client> {
  const { pin, tlsCa, timeout, logLevel = "silent", json, reconnect = false } = options;
  pin?.forEach(checkPin);
  return connect(url, {
    credentials,
    ...(pin ? { pin } : credentials.scheme !== "secret" && { knownServers: known }),
    ...(tlsCa !== undefined && { tlsCa: await readSmall("--tls-ca", tlsCa) }),
    ...(timeout !== undefined && { connectTimeoutMs: timeout }),
    // A call lasts until it is over, its own --timeout or Ctrl-C; the heartbeat finds dead peers.
    callTimeoutMs: timeout ?? Number.POSITIVE_INFINITY,
    ...(!reconnect && { reconnect: false }),
    logger: logTo(shell, logLevel, json),
    signal: shell.stop,
  });
}

function addressFrom(text: string): URL {
  try {
    return new URL(text);
  } catch {
    throw misused(`"${text}" is not an address; write it like tcp://127.0.0.1:7000`);
  }
}

function checkPin(pin: string): void {
  try {
    parsePublicKey(pin);
  } catch (error) {
    throw misused(`--pin: ${SealwireError.from(error).message}`);
  }
}

function knownServersOf(attempt: Attempt): KnownServersFile {
  const { shell, options } = attempt;
  const file = knownServers({
    acceptNew: options.acceptNew ?? false,
    tell: (line) => shell.note(line),
  });
  return {
    ...file,
    accept(server, key) {
      attempt.shown = key;
      return file.accept(server, key);
    },
  };
}

/** A person is asked when the handshake is over: no server waits so long for an answer. */
async function acceptedByPerson(
  thrown: unknown,
  { shell, url, shown }: Attempt,
  known: KnownServersFile,
): Promise<boolean> {
  if (!shell.interactive || !shown || !url || !isKeyProblem(SealwireError.from(thrown))) {
    return false;
  }
  shell.note(`${url.host} is not known yet. It shows the key ${formatPublicKey(shown)}.`);
  const answer = await shell.ask("Does its owner confirm this key? (yes/no) ");
  if (!/^y(es)?$/i.test(answer.trim())) return false;
  await known.remember(url, shown);
  return true;
}

function isFreeText(credentials: WrittenCredentials): boolean {
  return credentials.scheme === "api-key" && parseApiKey(credentials.key).kind === "free-text";
}

/**
 * A free-text key could be guessed by whoever poses as the server, so the server's key must be
 * known before. On loopback it may be learnt now, by coming without the key first.
 */
async function meetBefore(attempt: Attempt, url: URL, known: KnownServersFile): Promise<void> {
  if ((await known.find(url)).length > 0) return;
  if (!isLoopback(url)) throw unsafeFirstContact(url);
  try {
    await (await openWith(attempt, url, { scheme: "anonymous" }, known)).close();
  } catch (error) {
    // A server that refuses those without credentials has shown its key all the same.
    if ((await known.find(url)).length === 0) throw error;
  }
}

const UNSAFE = "free-text-key";

function unsafeFirstContact(url: URL): SealwireError {
  return new SealwireError(
    "HANDSHAKE_FAILED",
    `the key of ${url.host} is unknown, and an API key of free text could be guessed by whoever ` +
      "poses as it: give the server's fingerprint with --pin, or use a generated key",
    { details: UNSAFE },
  );
}

function isUnsafeFirstContact({ details }: SealwireError): boolean {
  return details === UNSAFE;
}

/** What to do next, where the error itself cannot know the names of our options. */
function hintFor(error: SealwireError, { options, shown, url }: Attempt): string | undefined {
  if (error.code !== "HANDSHAKE_FAILED" || isUnsafeFirstContact(error)) return undefined;
  if (options.pin) return "the server has not shown a key that --pin names";
  if (shown) {
    const key = formatPublicKey(shown);
    return `if its owner confirms its key, use --pin ${key}, or --accept-new to remember it`;
  }
  const { place } = knownServers();
  return (
    `if ${url?.host} is known to have a new key, take its entry out of ${place}, ` +
    "or name the new key with --pin"
  );
}
