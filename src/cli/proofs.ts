import { parseUser } from "../auth/account.ts";
import { anonymous } from "../auth/anonymous.ts";
import type { ApiKeyRecord } from "../auth/api-key-store.ts";
import { apiKeyRecord, apiKeys } from "../auth/api-keys.ts";
import { bearerTokens } from "../auth/bearer-tokens.ts";
import { firstOf } from "../auth/first-of.ts";
import { loadKeys } from "../auth/key-file.node.ts";
import { passwords } from "../auth/passwords.ts";
import { publicKeys } from "../auth/public-keys.ts";
import { sharedSecret } from "../auth/shared-secret.ts";
import { throttled } from "../auth/throttle.ts";
import type { Authenticator } from "../core/contracts/authenticator.ts";
import { SealwireError } from "../core/model/errors.ts";
import { parseApiKey } from "../crypto/api-key-text.ts";
import { parsePublicKey } from "../crypto/keys.ts";
import { createPakeSetup } from "../crypto/pake.ts";
import type { EnvValues } from "./env-file.ts";
import { misused } from "./failures.ts";
import { isNative } from "./native-schemes.ts";
import type { ProofOptions } from "./proof-options.ts";
import { warnOfCommandLine } from "./secret-options.ts";
import type { Shell } from "./shell.ts";

/** Who may come, and by which ways in words. */
export interface Proofs {
  readonly authenticator: Authenticator;
  readonly ways: readonly string[];
}

/**
 * Makes of the options, and of the environment where an option is missing, what judges those who
 * come. Guessing is throttled; who proves nothing may call what is public.
 *
 * @throws `INVALID_ARGUMENT` for a value that cannot be used, naming its option
 */
export async function proofsFrom(
  shell: Shell,
  options: ProofOptions,
  env: EnvValues,
): Promise<Proofs> {
  warnOfSecrets(shell, options);
  const made: readonly (Way | undefined)[] = [
    await apiKeysFrom(shell, options, env),
    await keyFileFrom(shell, options),
    authorizedKeysFrom(options),
    tokensFrom(options, env),
    await passwordsFrom(options, env),
    trustIdFrom(options, env),
    secretFrom(options, env),
  ];
  const ways = made.filter((way) => way !== undefined);
  const authenticators = ways.map(({ authenticator }) => authenticator);
  return {
    authenticator: throttled(firstOf(...authenticators, anonymous())),
    ways: ways.map(({ name }) => name),
  };
}

interface Way {
  readonly name: string;
  readonly authenticator: Authenticator;
}

function warnOfSecrets(shell: Shell, options: ProofOptions): void {
  const { apiKey, token, password, userPassword, secret } = options;
  const values = {
    "--api-key": apiKey,
    "--token": token,
    "--user-password": userPassword,
    "--password": password,
    "--secret": secret,
  };
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  if (given.length > 0) warnOfCommandLine(shell, given.map(([option]) => option).join(" and "));
}

async function apiKeysFrom(
  shell: Shell,
  { apiKey }: ProofOptions,
  env: EnvValues,
): Promise<Way | undefined> {
  const given = listed(apiKey, env["SEALWIRE_KEY"]);
  if (given.length === 0) return undefined;
  const records: ApiKeyRecord[] = [];
  for (const text of given) {
    const { user, rest: key } = splitAtUser("--api-key", "KEY", text);
    const record = await named("--api-key", () => apiKeyRecord(key, { user }));
    if (parseApiKey(key).kind === "free-text") warnOfFreeText(shell, user);
    records.push(record);
  }
  return { name: "API key", authenticator: await named("--api-key", () => apiKeys(records)) };
}

function warnOfFreeText(shell: Shell, user: string | number): void {
  shell.note(
    `warning: the API key of ${JSON.stringify(user)} is free text and could be guessed; ` +
      "keygen --api-key makes one that cannot",
  );
}

async function keyFileFrom(shell: Shell, { keys }: ProofOptions): Promise<Way | undefined> {
  if (keys === undefined) return undefined;
  const following = { begun: false };
  const onError = ({ message }: SealwireError) => {
    if (following.begun) shell.note(`warning: ${message}; the keys from before go on`);
  };
  const store = await loadKeys(keys, { signal: shell.stop, onError }).catch((thrown: unknown) => {
    const { code, message } = SealwireError.from(thrown);
    const next = code === "NOT_FOUND" ? `; make it: sealwire keys add ${keys} --user NAME` : "";
    throw misused(`--keys: ${message}${next}`);
  });
  following.begun = true;
  return { name: `API key in ${keys}`, authenticator: apiKeys(store) };
}

function authorizedKeysFrom({ authorizedKey }: ProofOptions): Way | undefined {
  if (!authorizedKey) return undefined;
  const option = "--authorized-key";
  const records = authorizedKey.map((text) => {
    const { user, rest } = splitAtUser(option, "swpub_…", text);
    return { user, publicKey: namedNow(option, () => parsePublicKey(rest)) };
  });
  return { name: "key pair", authenticator: namedNow(option, () => publicKeys(records)) };
}

function tokensFrom({ token }: ProofOptions, env: EnvValues): Way | undefined {
  const given = listed(token, env["SEALWIRE_TOKEN"]);
  if (given.length === 0) return undefined;
  const accounts = given.map((text) => splitAtUser("--token", "TOKEN", text));
  const byToken = Object.fromEntries(accounts.map(({ user, rest }) => [rest, user]));
  return { name: "token", authenticator: namedNow("--token", () => bearerTokens(byToken)) };
}

async function passwordsFrom(options: ProofOptions, env: EnvValues): Promise<Way | undefined> {
  const { password = "", userPassword = [] } = options;
  const forAll = password || env["SEALWIRE_PASSWORD"];
  const option = "--user-password";
  const users = userPassword.map((text) => splitAtUser(option, "PASSWORD", text));
  const byUser = [
    ...(forAll ? [["", forAll] as const] : []),
    ...users.map(({ user, rest }) => [String(user), rest] as const),
  ];
  if (byUser.length === 0) return undefined;
  // Says now, and not at the first login, that the package for passwords is missing.
  if (listensNatively(options)) await createPakeSetup();
  const authenticator = namedNow("--password", () => passwords(Object.fromEntries(byUser)));
  return { name: "password", authenticator };
}

/** Trusted sockets name their password so, in the environment and in `.env`. */
function trustIdFrom({ listen = [] }: ProofOptions, env: EnvValues): Way | undefined {
  const trustId = env["TRUST_ID"];
  if (!trustId || !listen.some((address) => address.startsWith("trust-rpc"))) return undefined;
  return { name: "TRUST_ID", authenticator: namedNow("TRUST_ID", () => passwords(trustId)) };
}

function listensNatively({ listen = [] }: ProofOptions): boolean {
  const urls = listen.filter((address) => URL.canParse(address));
  return listen.length === 0 || urls.some((address) => isNative(new URL(address)));
}

function secretFrom({ secret }: ProofOptions, env: EnvValues): Way | undefined {
  const given = secret ?? (env["SEALWIRE_SECRET"] || undefined);
  if (given === undefined) return undefined;
  const option = secret === undefined ? "SEALWIRE_SECRET" : "--secret";
  return { name: "shared secret", authenticator: namedNow(option, () => sharedSecret(given)) };
}

/** Options, or the variable where there are none; only `USER:…` is meant for a server. */
function listed(options: readonly string[] | undefined, variable: string | undefined) {
  if (options) return options;
  return variable?.includes(":") ? [variable] : [];
}

function splitAtUser(
  option: string,
  what: string,
  text: string,
): { readonly user: string | number; readonly rest: string } {
  const at = text.indexOf(":");
  if (at > 0 && at < text.length - 1) {
    return { user: parseUser(text.slice(0, at)), rest: text.slice(at + 1) };
  }
  // The text may be the secret itself, so it is not shown.
  throw misused(`${option} wants a user, a colon and the rest, such as ann:${what}`);
}

async function named<Value>(option: string, make: () => Value | Promise<Value>): Promise<Value> {
  try {
    return await make();
  } catch (error) {
    throw misused(`${option}: ${SealwireError.from(error).message}`);
  }
}

function namedNow<Value>(option: string, make: () => Value): Value {
  try {
    return make();
  } catch (error) {
    throw misused(`${option}: ${SealwireError.from(error).message}`);
  }
}
