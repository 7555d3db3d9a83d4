import type { Command } from "commander";
import { isFields } from "../../core/engine/fields.ts";
import { withClient } from "../connecting.ts";
import { type ConnectingOptions, withConnectingOptions } from "../connecting-options.ts";
import { EXIT } from "../failures.ts";
import { formatValue } from "../json-values.ts";
import { foreign } from "../printable.ts";
import type { Run } from "../program.ts";
import { textOf } from "../received.ts";
import type { Shell } from "../shell.ts";

/** `sealwire list`: which procedures may be called. */
export function listCommand(program: Command, run: Run): void {
  withConnectingOptions(program.command("list"))
    .summary("list the procedures that you may call")
    .description("Lists the procedures that you may call, with these credentials.")
    .argument("<url>", "where the server listens, such as tcp://127.0.0.1:7000")
    .addHelpText("after", "\nExample:\n  sealwire list tcp://127.0.0.1:7000 --key-file key.txt\n")
    .action((url: string, options: ConnectingOptions) => run((shell) => list(shell, url, options)));
}

function list(shell: Shell, url: string, options: ConnectingOptions): Promise<number> {
  return withClient(shell, url, options, async (client) => {
    const found = await client.call("$list", [], { signal: shell.stop });
    if (options.json || !Array.isArray(found)) await shell.out(formatValue(found));
    else await printTable(shell, found);
    return EXIT.ok;
  });
}

async function printTable(shell: Shell, found: readonly unknown[]): Promise<void> {
  const { dim } = shell.colors.out;
  const rows = found.filter(isFields).map(rowOf);
  const [names, access] = [0, 1].map((column) => widthOf(rows, column));
  for (const [name = "", who = "", description = ""] of rows) {
    const line = `${name.padEnd(names ?? 0)}  ${dim(who.padEnd(access ?? 0))}  ${description}`;
    await shell.out(line.trimEnd());
  }
  if (rows.length === 0) shell.note("there is nothing here that you may call");
}

function rowOf(each: Readonly<Record<string, unknown>>): readonly string[] {
  const { name, description, params, scopes } = each;
  const declared = Array.isArray(params) ? `(${params.map(textOf).join(", ")})` : "";
  const needed = Array.isArray(scopes) ? scopes.map(textOf).join(" ") : "";
  return [
    foreign(`${textOf(name)}${declared}`),
    foreign(each["public"] === true ? "public" : needed),
    foreign(textOf(description ?? "")),
  ];
}

function widthOf(rows: readonly (readonly string[])[], column: number): number {
  return Math.max(0, ...rows.map((row) => row[column]?.length ?? 0));
}
