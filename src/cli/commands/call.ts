import type { Command } from "commander";
import type { Client } from "../../client/client.ts";
import type { CallArguments } from "../../core/engine/arguments.ts";
import { isFields } from "../../core/engine/fields.ts";
import { isStream } from "../../core/engine/streams.ts";
import { withClient } from "../connecting.ts";
import { type ConnectingOptions, withConnectingOptions } from "../connecting-options.ts";
import { EXIT, misused } from "../failures.ts";
import { formatValue, reviveValue } from "../json-values.ts";
import type { Run } from "../program.ts";
import type { Shell } from "../shell.ts";

interface CallCommandOptions extends ConnectingOptions {
  readonly named?: string;
}

/** `sealwire call`: calls one procedure and prints what it answers. */
export function callCommand(program: Command, run: Run): void {
  withConnectingOptions(program.command("call"))
    .summary("call a procedure and print its result")
    .description(
      "Calls a procedure and prints its result as JSON; a stream prints one JSON value a line. " +
        "An argument that is not JSON is a string.",
    )
    .argument("<url>", "where the server listens, such as tcp://127.0.0.1:7000")
    .argument("<procedure>", "name of the procedure")
    .argument("[json...]", "arguments by position")
    .option("--named <json>", "arguments by name, as a JSON object")
    .addHelpText("after", HELP)
    .action((url: string, procedure: string, args: readonly string[], options) =>
      run((shell) => call(shell, { url, procedure, args }, options)),
    );
}

const HELP = `
What JSON has not is written as an object with one key, in arguments as in results:
  {"$bytes":"base64"}  {"$bigint":"12"}  {"$date":"2026-01-31T00:00:00.000Z"}
  {"$map":[[key,value]]}  {"$set":[value]}  {"$number":"NaN"}; no value is null.

Exit codes: 0 done, 1 the call failed or the credentials were refused, 2 wrong usage,
3 no connection or not the right server, 130 ended by Ctrl-C.

Examples:
  sealwire call tcp://127.0.0.1:7000 add 2 3
  sealwire call tcp://127.0.0.1:7000 greet Bob
  sealwire call wss://example.org:7443 add --named '{"a":2,"b":3}' --pin swpub_…
  SEALWIRE_KEY=sw_… sealwire call tcp://127.0.0.1:7000 whoami
`;

interface Wanted {
  readonly url: string;
  readonly procedure: string;
  readonly args: readonly string[];
}

function call(shell: Shell, wanted: Wanted, options: CallCommandOptions): Promise<number> {
  const { named, timeout } = options;
  const args = argumentsFrom(wanted.args, named);
  return withClient(shell, wanted.url, options, async (client) => {
    const limits = { signal: shell.stop, ...(timeout !== undefined && { timeoutMs: timeout }) };
    await printAnswer(shell, options, await client.call(wanted.procedure, args, limits));
    return EXIT.ok;
  });
}

async function printAnswer(
  shell: Shell,
  { json }: CallCommandOptions,
  answer: Awaited<ReturnType<Client["call"]>>,
): Promise<void> {
  if (!isStream(answer)) return shell.out(formatValue(answer, shell.terminal && !json ? 2 : 0));
  for await (const item of answer) await shell.out(formatValue(item));
}

function argumentsFrom(args: readonly string[], named: string | undefined): CallArguments {
  if (named === undefined) return args.map(argumentFrom);
  if (args.length > 0) throw misused("arguments come by position or with --named, not both");
  const value = reviveValue(parseNamed(named));
  if (!isFields(value)) {
    throw misused(`--named wants a JSON object such as '{"a":2}'`);
  }
  return { ...value };
}

function argumentFrom(text: string): unknown {
  try {
    return reviveValue(JSON.parse(text));
  } catch {
    return text;
  }
}

function parseNamed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw misused(`--named is not JSON; it wants an object such as '{"a":2}'`);
  }
}
