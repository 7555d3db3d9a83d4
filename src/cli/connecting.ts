import type { Client } from "../client/client.ts";
import { isLoopback } from "../core/engine/loopback.ts";
import { SealwireError } from "../core/model/errors.ts";
import { parsePublicKey } from "../crypto/keys.ts";
import { checkSecret } from "../crypto/secret-strength.ts";
import type { WrittenCredentials } from "../presets/keys-in-options.ts";
import type { ConnectingOptions } from "./connecting-options.ts";
import { curveToServer } from "./curve.ts";
import { type EnvValues, readEnvFile } from "./env-file.ts";
import { exitCodeOfConnecting, failedAtWork, misused, tellFailure } from "./failures.ts";
import {
  acceptedByPerson,
  hintFor,
  isFreeText,
  type Meeting,
  meeting,
  unsafeFirstContact,
} from "./first-contact.ts";
import { logTo } from "./logger.ts";
import { isNative } from "./native-schemes.ts";
import { credentialsFrom } from "./secret-options.ts";
import type { Shell } from "./shell.ts";
import { readClientTls } from "./tls-files.ts";

/** What a command asks for beside its options. */
interface Wanted extends ConnectingOptions {
  /** Comes back after a break. @default false */
  readonly reconnect?: boolean;
}

/**
 * Connects, lets the command work and closes. A failure is told and becomes an exit code:
 * 1 for a refusal, 2 for a mistake of ours, 3 when there is no connection to the right server,
 * 130 for Ctrl-C.
 */
export async function withClient(
  shell: Shell,
  address: string,
  wanted: Wanted,
  work: (client: Client) => Promise<number>,
): Promise<number> {
  const url = addressFrom(address);
  const met = meeting(shell, wanted.acceptNew);
  let client: Client;
  try {
    client = await open({ shell, url, wanted, met });
  } catch (thrown) {
    if (shell.stop.aborted) return failedAtWork(shell, thrown, wanted.json);
    const error = SealwireError.from(thrown, "INTERNAL");
    const hint = hintFor(error, url.host, wanted.pin !== undefined, met.shown);
    tellFailure(shell, error, wanted.json, hint);
    return exitCodeOfConnecting(error.code);
  }
  try {
    return await work(client);
  } catch (thrown) {
    return failedAtWork(shell, thrown, wanted.json);
  } finally {
    await client.close();
  }
}

/** Somebody sits before it and waits. */
const MAX_PAUSE_MS = 2_000;

/** One wish to connect. */
interface Attempt {
  readonly shell: Shell;
  readonly url: URL;
  readonly wanted: Wanted;
  readonly met: Meeting;
}

async function open(attempt: Attempt): Promise<Client> {
  const { shell, url, wanted, met } = attempt;
  const credentials = await checkedCredentials(shell, url, wanted);
  if (!wanted.curve) wanted.pin?.forEach(checkPin);
  if (isNative(url) && isFreeText(credentials) && !wanted.pin) await meetBefore(attempt);
  try {
    return await openWith(attempt, credentials);
  } catch (thrown) {
    if (!(await acceptedByPerson(shell, url, met, thrown))) throw thrown;
    return openWith(attempt, credentials);
  }
}

async function checkedCredentials(
  shell: Shell,
  url: URL,
  wanted: Wanted,
): Promise<WrittenCredentials> {
  const file = readEnvFile(wanted.envFile);
  const credentials = await credentialsFrom(shell, wanted, [
    { name: "environment", values: withTrustId(url, shell.env) },
    { name: wanted.envFile ?? ".env", values: withTrustId(url, file) },
  ]);
  if (credentials.scheme === "secret" && isNative(url)) checkSecret(credentials.secret);
  return credentials;
}

async function openWith(
  { shell, url, wanted, met }: Attempt,
  credentials: WrittenCredentials,
): Promise<Client> {
  const { pin, curve, timeout, logLevel = "silent", json, reconnect = false } = wanted;
  const { connect } = await import("../presets/node.ts");
  return connect(url, {
    credentials,
    ...(curve
      ? { curve: curveToServer(url, pin) }
      : pin
        ? { pin }
        : credentials.scheme !== "secret" && { knownServers: met.known }),
    ...(await readClientTls(wanted)),
    ...(timeout !== undefined && { connectTimeoutMs: timeout }),
    // A call lasts until it is over, its own --timeout or Ctrl-C; the heartbeat finds dead peers.
    callTimeoutMs: timeout ?? Number.POSITIVE_INFINITY,
    reconnect: reconnect && { maxMs: MAX_PAUSE_MS },
    logger: logTo(shell, logLevel, json),
    signal: shell.stop,
  });
}

/**
 * A free-text key could be guessed by whoever poses as the server, so the server's key must be
 * known before. On loopback it may be learnt now, by coming without the key first.
 */
async function meetBefore(attempt: Attempt): Promise<void> {
  const { url, met } = attempt;
  if ((await met.known.find(url)).length > 0) return;
  if (!isLoopback(url.hostname)) throw unsafeFirstContact(url);
  try {
    await (await openWith(attempt, { scheme: "anonymous" })).close();
  } catch (error) {
    // A server that refuses those without credentials has shown its key all the same.
    if ((await met.known.find(url)).length === 0) throw error;
  }
}

/** Trusted sockets name their password so, in the environment and in `.env`. */
function withTrustId({ protocol }: URL, values: EnvValues): EnvValues {
  const trustId = values["TRUST_ID"];
  if (!trustId || !protocol.startsWith("trust-rpc")) return values;
  return { ...values, SEALWIRE_PASSWORD: trustId };
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
