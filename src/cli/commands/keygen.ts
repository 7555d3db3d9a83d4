import type { Command } from "commander";
import { parseUser } from "../../auth/account.ts";
import { issueApiKey } from "../../auth/api-keys.ts";
import { encodeBase64Url } from "../../bytes/encode-base64.ts";
import { formatPublicKey, formatSecretKey } from "../../crypto/format-keys.ts";
import { generateKeyPair } from "../../crypto/keys.ts";
import { nodeCrypto } from "../../crypto/providers/best.node.ts";
import { randomBytes } from "../../crypto/random.ts";
import { EXIT, misused, tellFailure } from "../failures.ts";
import type { Run } from "../program.ts";
import { writeSecretFile } from "../secret-file.ts";
import type { Shell } from "../shell.ts";

interface KeygenOptions {
  readonly apiKey?: string;
  readonly secret?: boolean;
  readonly out?: string;
  readonly json?: boolean;
}

/** Something new that must be kept, with what may be shown of it. */
interface Made {
  /** What must be kept secret, under the name it has in JSON. */
  readonly kept: readonly [name: string, value: string];
  readonly shown: Readonly<Record<string, string | number>>;
  readonly advice: string;
}

/** `sealwire keygen`: makes keys and secrets that nobody can guess. */
export function keygenCommand(program: Command, run: Run): void {
  program
    .command("keygen")
    .summary("make a key pair, an API key or a shared secret")
    .description("Makes a key pair, or an API key, or a shared secret, that nobody can guess.")
    .option("--api-key <user>", "make an API key for this user instead")
    .option("--secret", "make a shared secret instead")
    .option("--out <file>", "write what is secret into a new file that you alone can read")
    .option("--json", "for machines: one line of JSON")
    .addHelpText("after", HELP)
    .action((options: KeygenOptions) => run((shell) => keygen(shell, options)));
}

const HELP = `
Examples:
  sealwire keygen --out me.key       prints the public key, for serve --authorized-key ME:swpub_…
  sealwire keygen --api-key ann      prints a key, for serve --api-key ann:sw_…
  sealwire keygen --secret           prints a secret for SEALWIRE_SECRET on both sides
`;

async function keygen(shell: Shell, options: KeygenOptions): Promise<number> {
  const { apiKey, secret, out, json } = options;
  if (apiKey !== undefined && secret) throw misused("--api-key or --secret, not both");
  if (apiKey === "") throw misused("--api-key wants the name of a user");
  const made = secret ? newSecret() : apiKey === undefined ? await newPair() : await newKey(apiKey);
  try {
    if (out !== undefined) await writeSecretFile(out, made.kept[1]);
  } catch (thrown) {
    tellFailure(shell, thrown, json);
    return EXIT.failed;
  }
  const printed = { ...(out === undefined && { [made.kept[0]]: made.kept[1] }), ...made.shown };
  if (json) await shell.out(JSON.stringify(printed));
  else for (const line of linesOf(printed)) await shell.out(line);
  if (!json) shell.note(out === undefined ? made.advice : `wrote ${out}; ${made.advice}`);
  return EXIT.ok;
}

/** A lone value stands for itself, so that a script can take it as it is. */
function linesOf(printed: Readonly<Record<string, string | number>>): readonly string[] {
  const entries = Object.entries(printed);
  if (entries.length === 1) return entries.map(([, value]) => String(value));
  return entries.map(([name, value]) => `${name.padEnd(9)} ${value}`);
}

async function newPair(): Promise<Made> {
  const { publicKey, secretKey } = await generateKeyPair(await nodeCrypto());
  return {
    kept: ["secretKey", formatSecretKey(secretKey)],
    shown: { publicKey: formatPublicKey(publicKey) },
    advice: "the public key goes to the server: serve --authorized-key USER:swpub_…",
  };
}

async function newKey(name: string): Promise<Made> {
  const user = parseUser(name);
  const { key, record } = await issueApiKey({ user });
  const publicKey = formatPublicKey(record.publicKey);
  return {
    kept: ["key", key],
    shown: { user, keyId: record.keyId ?? publicKey, publicKey },
    advice:
      "for the server: serve --api-key USER:KEY, or keys add, which keeps the public key alone",
  };
}

function newSecret(): Made {
  return {
    kept: ["secret", encodeBase64Url(randomBytes(32))],
    shown: {},
    advice: "both sides need it: SEALWIRE_SECRET or --secret",
  };
}
