import type { WrittenCredentials } from "../presets/keys-in-options.ts";
import type { EnvValues } from "./env-file.ts";
import { misused } from "./failures.ts";
import { readSecretFile } from "./secret-file.ts";
import type { Shell } from "./shell.ts";

/** The options of a command that prove who calls; `-` as value means: ask for it. */
export interface SecretOptions {
  readonly key?: string;
  readonly keyFile?: string;
  readonly user?: string;
  readonly password?: string;
  readonly secret?: string;
  readonly token?: string;
  readonly identity?: string;
}

/** Where secrets may come from besides the options, the first that has one counts. */
export type SecretSources = readonly { readonly name: string; readonly values: EnvValues }[];

/**
 * The credentials that the options, the environment or `.env` give; anonymous if none does.
 *
 * @throws `INVALID_ARGUMENT` when one place gives two ways to prove who one is
 */
export async function credentialsFrom(
  shell: Shell,
  options: SecretOptions,
  sources: SecretSources,
): Promise<WrittenCredentials> {
  const ways = waysOf(options);
  if (ways.length > 1) throw tooMany(ways);
  const [way] = ways;
  if (way === undefined) return fromSources(sources);
  if (way === "--identity") {
    const path = options.identity ?? "";
    return { scheme: "key-pair", secretKey: await readSecretFile(shell, way, path) };
  }
  if (way === "--key-file") {
    return { scheme: "api-key", key: await readSecretFile(shell, way, options.keyFile ?? "") };
  }
  if (way === "--password") return passwordFrom(shell, options, sources);
  return credentialOf(way, await secretFrom(shell, way, given(options, way)));
}

/** Everything that proves who one is, by the option that brings it. */
type Way = "--key" | "--key-file" | "--password" | "--secret" | "--token" | "--identity";

function waysOf(options: SecretOptions): readonly Way[] {
  const ways: readonly (readonly [Way, string | undefined])[] = [
    ["--key", options.key],
    ["--key-file", options.keyFile],
    ["--password", options.password ?? options.user],
    ["--secret", options.secret],
    ["--token", options.token],
    ["--identity", options.identity],
  ];
  return ways.filter(([, value]) => value !== undefined).map(([way]) => way);
}

function given({ key, secret, token }: SecretOptions, way: Way): string {
  return (way === "--key" ? key : way === "--secret" ? secret : token) ?? "";
}

async function passwordFrom(
  shell: Shell,
  { user, password }: SecretOptions,
  sources: SecretSources,
): Promise<WrittenCredentials> {
  const elsewhere = sources.map(({ values }) => values["SEALWIRE_PASSWORD"]).find(Boolean);
  const named = user === undefined ? {} : { user };
  if (password === undefined && elsewhere !== undefined) {
    return { scheme: "password", password: elsewhere, ...named };
  }
  if (password === undefined && !shell.interactive) throw noPassword();
  const found = await secretFrom(shell, "--password", password ?? "-");
  return { scheme: "password", password: found, ...named };
}

/** The value of an option, or what a person or standard input says in its place. */
async function secretFrom(shell: Shell, option: Way, value: string): Promise<string> {
  if (value === "") throw misused(`${option} is empty`);
  if (value !== "-") {
    warnOfCommandLine(shell, option);
    return value;
  }
  const asked = await shell.askHidden(`${option.slice(2)}: `);
  if (asked === "") throw misused(`no ${option.slice(2)} was typed`);
  return asked;
}

/** What everybody on the machine can see in the list of processes. */
export function warnOfCommandLine(shell: Shell, option: string): void {
  shell.note(
    `warning: the value of ${option} is visible to others on this machine and stays in the ` +
      "shell's history; the environment, .env or a file keep it out of both",
  );
}

const VARIABLES: readonly (readonly [variable: string, way: Way])[] = [
  ["SEALWIRE_KEY", "--key"],
  ["SEALWIRE_PASSWORD", "--password"],
  ["SEALWIRE_SECRET", "--secret"],
  ["SEALWIRE_TOKEN", "--token"],
];

function fromSources(sources: SecretSources): WrittenCredentials {
  for (const { name, values } of sources) {
    const found = VARIABLES.filter(([variable]) => values[variable]);
    if (found.length > 1) throw tooMany(found.map(([variable]) => `${variable} (${name})`));
    const [only] = found;
    if (only) return credentialOf(only[1], values[only[0]] ?? "");
  }
  return { scheme: "anonymous" };
}

function credentialOf(way: Way, value: string): WrittenCredentials {
  if (way === "--password") return { scheme: "password", password: value };
  if (way === "--secret") return { scheme: "secret", secret: value };
  return way === "--token" ? { scheme: "token", token: value } : { scheme: "api-key", key: value };
}

function noPassword() {
  return misused("--user wants a password: SEALWIRE_PASSWORD, or --password - on standard input");
}

function tooMany(ways: readonly string[]) {
  return misused(`only one way to prove who you are at a time, not ${ways.join(" and ")}`);
}
