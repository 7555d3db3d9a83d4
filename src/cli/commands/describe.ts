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

/** `sealwire describe`: what one procedure takes and answers. */
export function describeCommand(program: Command, run: Run): void {
  withConnectingOptions(program.command("describe"))
    .summary("describe a procedure: parameters, result, who may call it")
    .description("Describes a procedure: what it takes and answers, and who may call it.")
    .argument("<url>", "where the server listens, such as tcp://127.0.0.1:7000")
    .argument("<procedure>", "name of the procedure")
    .addHelpText("after", "\nExample:\n  sealwire describe tcp://127.0.0.1:7000 add --json\n")
    .action((url: string, procedure: string, options: ConnectingOptions) =>
      run((shell) => describeOne(shell, url, procedure, options)),
    );
}

function describeOne(
  shell: Shell,
  url: string,
  procedure: string,
  options: ConnectingOptions,
): Promise<number> {
  return withClient(shell, url, options, async (client) => {
    const found = await client.call("$describe", [procedure], { signal: shell.stop });
    if (options.json || !isFields(found)) await shell.out(formatValue(found));
    else for (const line of linesOf(found)) await shell.out(line);
    return EXIT.ok;
  });
}

function linesOf(found: Readonly<Record<string, unknown>>): readonly string[] {
  const { name, description, params, result, scopes, timeoutMs } = found;
  const declared = Array.isArray(params) ? params.filter(isFields) : undefined;
  const signature = declared ? `(${declared.map((each) => textOf(each["name"])).join(", ")})` : "";
  const access = found["public"] === true ? "everybody" : "those who prove who they are";
  const needed = Array.isArray(scopes) ? scopes.map(textOf) : [];
  const lines = [
    `${textOf(name)}${signature}`,
    ...(description === undefined ? [] : [textOf(description)]),
    `  who may call    ${access}${needed.length > 0 ? `, with ${needed.join(" and ")}` : ""}`,
    ...(declared ?? []).map((each) => `  ${textOf(each["name"]).padEnd(14)}  ${kindOf(each)}`),
    ...(isFields(result) ? [`  result          ${kindOf(result)}`] : []),
    ...(timeoutMs === undefined ? [] : [`  time limit      ${textOf(timeoutMs)} ms`]),
  ];
  return lines.map(foreign);
}

/** JSON Schema without what every schema says. */
function kindOf({ schema, vendor }: Readonly<Record<string, unknown>>): string {
  if (!isFields(schema)) return `checked by ${textOf(vendor)}`;
  const { $schema: _dialect, ...rest } = schema;
  return formatValue(rest);
}
