import type { Command } from "commander";
import type { Client } from "../../client/client.ts";
import type { SharedStateClient } from "../../features/shared-state/shared-state-client.ts";
import { withClient } from "../connecting.ts";
import { type ConnectingOptions, withConnectingOptions } from "../connecting-options.ts";
import { EXIT } from "../failures.ts";
import { formatValue, reviveValue } from "../json-values.ts";
import { countOption, numberArgument, versionOption } from "../option-values.ts";
import { foreign } from "../printable.ts";
import type { Run } from "../program.ts";
import type { Shell } from "../shell.ts";

interface StateOptions extends ConnectingOptions {
  readonly expect?: number;
  readonly prefix?: boolean;
  readonly count?: number;
}

/** `sealwire state`: reads, writes and watches the shared variables of a server. */
export function stateCommand(program: Command, run: Run): void {
  const state = program
    .command("state")
    .summary("read, write and watch shared variables")
    .description("The shared variables of a server.")
    .addHelpText("after", HELP);
  const one = (name: string, summary: string, ...rest: readonly string[]): Command => {
    const command = withConnectingOptions(state.command(name))
      .summary(summary)
      .description(summary);
    command.argument("<url>", "where the server listens, such as tcp://127.0.0.1:7000");
    for (const argument of rest) command.argument(argument);
    return command;
  };
  const act = (work: Work) => actionOf(run, work);
  one("get", "print a variable with its version, or all of them", "[key]").action(act(get));
  one("set", "set a variable", "<key>", "<json>").action(act(set));
  one("cas", "set a variable that has the version --expect", "<key>", "<json>")
    .requiredOption(
      "--expect <version>",
      "the version it must have; 0: there must be none",
      versionOption,
    )
    .action(act(cas));
  one("add", "add to a number and print the sum", "<key>")
    .argument("[amount]", "what is added (default: 1)", numberArgument)
    .action(act(add));
  one("delete", "delete a variable", "<key>").action(act(remove));
  one("watch", "print a variable and each change of it, until Ctrl-C", "<key>")
    .option("--prefix", "all variables whose names begin so")
    .option("--count <n>", "end after so many lines", countOption)
    .action(act(watch));
}

const HELP = `
A value that is not JSON is a string; bytes and dates are written as for "sealwire call".
get KEY, cas and watch print {"name":…,"value":…,"version":…}, without a value when it was deleted;
get without a key prints one line for each variable, without versions; add prints the sum.

Exit codes: 0 done, 1 refused (another version, no permission, no such variable), 2 wrong usage,
3 no connection or not the right server, 130 ended by Ctrl-C.

Examples:
  sealwire state set tcp://127.0.0.1:7000 counter 5
  sealwire state cas tcp://127.0.0.1:7000 counter 6 --expect 1
  sealwire state watch tcp://127.0.0.1:7000 room/ --prefix
`;

/** What one run of a command is about. */
interface Asked {
  readonly shell: Shell;
  readonly shared: SharedStateClient;
  readonly options: StateOptions;
  readonly key: string | undefined;
  readonly text: string | undefined;
}

type Work = (asked: Asked) => Promise<number>;

/** Commander hands over the arguments that were given, then the options, then the command. */
function actionOf(run: Run, work: Work): (...given: readonly unknown[]) => Promise<void> {
  return (...given) => {
    const [url, ...rest] = given
      .slice(0, -2)
      .map((text) => (text === undefined ? text : String(text)));
    const options: StateOptions = Object(given.at(-2));
    const [key, text] = rest;
    const through = (shell: Shell) => async (client: Client) => {
      const { sharedStateClient } = await import("../../features/shared-state/index.ts");
      const onError = (): void => {};
      const shared = client.install(sharedStateClient({ onError }));
      return work({ shell, shared, options, key, text });
    };
    const watches = work === watch;
    return run((shell) =>
      withClient(shell, url ?? "", { ...options, reconnect: watches }, through(shell)),
    );
  };
}

async function get({ shell, shared, key }: Asked): Promise<number> {
  if (key === undefined) {
    for (const [name, value] of await shared.refresh())
      await shell.out(formatValue({ name, value }));
    return EXIT.ok;
  }
  const entry = await shared.entry(key);
  if (!entry) {
    shell.note(`there is no shared variable ${foreign(key)}`);
    return EXIT.failed;
  }
  await shell.out(formatValue({ name: key, value: entry.value, version: entry.version }));
  return EXIT.ok;
}

async function set({ shared, key = "", text }: Asked): Promise<number> {
  await shared.set(key, valueFrom(text));
  return EXIT.ok;
}

async function cas({ shell, shared, options, key = "", text }: Asked): Promise<number> {
  const value = valueFrom(text);
  const version = await shared.cas(key, value, options.expect ?? 0);
  await shell.out(formatValue({ name: key, value, version }));
  return EXIT.ok;
}

async function add({ shell, shared, key = "", text = "1" }: Asked): Promise<number> {
  const amount = Number(text);
  await shell.out(formatValue(await shared.add(key, amount)));
  return EXIT.ok;
}

async function remove({ shell, shared, key = "" }: Asked): Promise<number> {
  if (await shared.delete(key)) return EXIT.ok;
  shell.note(`there is no shared variable ${foreign(key)}`);
  return EXIT.failed;
}

async function watch({ shell, shared, options, key = "" }: Asked): Promise<number> {
  const { prefix, count = Number.POSITIVE_INFINITY } = options;
  const onReady = (): void => shell.note(`watching ${foreign(key)}`);
  let left = count;
  const target = prefix ? { prefix: key } : key;
  for await (const { name, value, version } of shared.watch(target, {
    signal: shell.stop,
    onReady,
  })) {
    const said = value === undefined ? { name, version } : { name, value, version };
    await shell.out(formatValue(said));
    left -= 1;
    if (left === 0) break;
  }
  return EXIT.ok;
}

function valueFrom(text: string | undefined): unknown {
  try {
    return reviveValue(JSON.parse(text ?? "null"));
  } catch {
    return text;
  }
}
