import type { Command } from "commander";
import { parseUser } from "../../auth/account.ts";
import type { ApiKeyRecord } from "../../auth/api-key-store.ts";
import { addKey, addKeyRecord, listKeys, revokeKey } from "../../auth/key-file.node.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { formatPublicKey } from "../../crypto/format-keys.ts";
import { parsePublicKey } from "../../crypto/keys.ts";
import { EXIT, misused, tellFailure } from "../failures.ts";
import { collect } from "../option-values.ts";
import { foreign } from "../printable.ts";
import type { Run } from "../program.ts";
import type { Shell } from "../shell.ts";

interface AddOptions {
  readonly user: string;
  readonly scope?: readonly string[];
  readonly expires?: string;
  readonly publicKey?: string;
  readonly json?: boolean;
}

interface JsonOption {
  readonly json?: boolean;
}

/** `sealwire keys`: who may come, in a file that holds public keys alone. */
export function keysCommand(program: Command, run: Run): void {
  const keys = program
    .command("keys")
    .summary("add, list and revoke API keys in a file")
    .description(
      "Keeps API keys in a file for serve --keys. The file holds public keys alone; a server that " +
        "runs follows it, and a revoked key closes its connections.",
    )
    .addHelpText("after", HELP);
  const told = (work: (shell: Shell) => Promise<void>, json?: boolean) =>
    run((shell) => telling(shell, json, work));
  keys
    .command("add <file>")
    .description("Adds a key to a file, which is made if there is none, and prints the key once.")
    .requiredOption("--user <user>", "whom the key stands for; a whole number is a number")
    .option("--scope <scope>", "what the holder may do; may be repeated", collect)
    .option("--expires <when>", "a date such as 2027-01-31, or a time such as 30d, 12h, 15m")
    .option("--public-key <key>", "add this public key (swpub_…) instead of making a key")
    .option("--json", "for machines: one line of JSON")
    .action((file: string, options: AddOptions) =>
      told((shell) => add(shell, file, options), options.json),
    );
  keys
    .command("list <file>")
    .description("Lists the keys of a file.")
    .option("--json", "for machines: one line of JSON for each key")
    .action((file: string, options: JsonOption) =>
      told((shell) => list(shell, file, options.json), options.json),
    );
  keys
    .command("revoke <file> <keyId>")
    .description("Takes a key out of a file.")
    .option("--json", "for machines: failures as one line of JSON")
    .action((file: string, keyId: string, options: JsonOption) =>
      told((shell) => revoke(shell, file, keyId), options.json),
    );
}

const HELP = `
Examples:
  sealwire keys add keys.json --user ann --scope admin --expires 30d
  sealwire keys list keys.json
  sealwire keys revoke keys.json 1a2B3c4D
  sealwire serve app.ts --keys keys.json
`;

/** What is wrong with a file is a failure, what is wrong with an option a misuse. */
async function telling(
  shell: Shell,
  json: boolean | undefined,
  work: (shell: Shell) => Promise<void>,
): Promise<number> {
  try {
    await work(shell);
    return EXIT.ok;
  } catch (thrown) {
    const { code } = tellFailure(shell, thrown, json);
    return code === "INVALID_ARGUMENT" ? EXIT.usage : EXIT.failed;
  }
}

async function add(shell: Shell, file: string, options: AddOptions): Promise<void> {
  const { user, scope, expires, publicKey, json } = options;
  if (user === "") throw misused("--user is empty");
  const account = {
    user: parseUser(user),
    ...(scope && { scopes: scope }),
    ...(expires !== undefined && { expiresAt: momentFrom(expires, Date.now()) }),
  };
  if (publicKey !== undefined) {
    const record = { ...account, publicKey: publicKeyFrom(publicKey), createdAt: Date.now() };
    await addKeyRecord(file, record);
    if (json) await shell.out(JSON.stringify(fieldsOf(record)));
    else shell.note(`added to ${file}`);
    return;
  }
  const { key, record } = await addKey(file, account);
  await shell.out(json ? JSON.stringify({ key, ...fieldsOf(record) }) : key);
  if (json) return;
  shell.note(`added ${idOf(record)} to ${file}; the key is shown this once and kept nowhere`);
}

function publicKeyFrom(text: string): Uint8Array {
  try {
    return parsePublicKey(text);
  } catch (thrown) {
    throw misused(`--public-key: ${SealwireError.from(thrown).message}`);
  }
}

async function list(shell: Shell, file: string, json: boolean | undefined): Promise<void> {
  const records = await listKeys(file);
  if (json) {
    for (const record of records) await shell.out(JSON.stringify(fieldsOf(record)));
    return;
  }
  const width = Math.max(0, ...records.map((record) => idOf(record).length));
  for (const record of records) {
    const { user, scopes = [], expiresAt } = record;
    const expiry = expiresAt === undefined ? "" : expiryText(expiresAt);
    const parts = [idOf(record).padEnd(width), String(user), scopes.join(" "), expiry];
    await shell.out(foreign(parts.filter(Boolean).join("  ")));
  }
  if (records.length === 0) shell.note(`${file} has no keys`);
}

async function revoke(shell: Shell, file: string, keyId: string): Promise<void> {
  await revokeKey(file, keyId);
  shell.note(`revoked ${keyId}; servers that use ${file} close its connections`);
}

function expiryText(expiresAt: number): string {
  const verb = expiresAt <= Date.now() ? "expired" : "expires";
  return `${verb} ${new Date(expiresAt).toISOString()}`;
}

function fieldsOf(record: ApiKeyRecord): object {
  const { publicKey, keyId: _id, ...rest } = record;
  return { keyId: idOf(record), ...rest, publicKey: formatPublicKey(publicKey) };
}

function idOf({ keyId, publicKey }: ApiKeyRecord): string {
  return keyId ?? formatPublicKey(publicKey);
}

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A moment in milliseconds since the epoch, from a date or a length of time. */
function momentFrom(text: string, now: number): number {
  const [, count, unit = ""] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const length = UNIT_MS[unit];
  const moment = length === undefined ? dateFrom(text) : now + Number(count) * length;
  if (!Number.isNaN(moment) && moment > now) return moment;
  const why = Number.isNaN(moment) ? "is no date and no time" : "lies in the past";
  const what = "such as 2027-01-31 or 30d";
  throw new SealwireError("INVALID_ARGUMENT", `--expires "${text}" ${why}; write it ${what}`);
}

function dateFrom(text: string): number {
  return /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
}
