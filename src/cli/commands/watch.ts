import type { Command } from "commander";
import type { Client } from "../../client/client.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { withClient } from "../connecting.ts";
import { type ConnectingOptions, withConnectingOptions } from "../connecting-options.ts";
import { EXIT } from "../failures.ts";
import { formatValue } from "../json-values.ts";
import { countOption } from "../option-values.ts";
import { foreign } from "../printable.ts";
import type { Run } from "../program.ts";
import type { Shell } from "../shell.ts";

interface WatchCommandOptions extends ConnectingOptions {
  readonly count?: number;
}

/** `sealwire watch`: prints events as they come. */
export function watchCommand(program: Command, run: Run): void {
  withConnectingOptions(program.command("watch"))
    .summary("print events as they come")
    .description(
      "Prints the data of each event as one line of JSON, until Ctrl-C. " +
        "After a break it connects again; what was sent meanwhile is lost.",
    )
    .argument("<url>", "where the server listens, such as tcp://127.0.0.1:7000")
    .argument("<event>", "name of the event")
    .option("--count <n>", "end after so many events", countOption)
    .addHelpText("after", "\nExample:\n  sealwire watch tcp://127.0.0.1:7000 tick --count 3\n")
    .action((url: string, event: string, options: WatchCommandOptions) =>
      run((shell) => watch(shell, url, event, options)),
    );
}

function watch(
  shell: Shell,
  url: string,
  event: string,
  options: WatchCommandOptions,
): Promise<number> {
  return withClient(shell, url, { ...options, reconnect: true }, async (client) => {
    await printEvents(shell, client, event, options.count ?? Number.POSITIVE_INFINITY);
    return EXIT.ok;
  });
}

/** Resolves after so many events or when the shell stops; rejects when nobody comes back. */
function printEvents(shell: Shell, client: Client, event: string, count: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = count;
    let printed = Promise.resolve();
    const subscription = client.onEvent(event, (data) => {
      if (left === 0) return;
      left -= 1;
      printed = printed.then(() => shell.out(formatValue(data)));
      if (left === 0) void printed.then(resolve);
    });
    shell.stop.addEventListener("abort", () => resolve(), { once: true });
    if (shell.stop.aborted) resolve();
    client.onState((state, error) => tellState(shell, state, error, reject));
    subscription.ready.then(() => shell.note(`watching ${foreign(event)}`), reject);
  });
}

function tellState(
  shell: Shell,
  state: Client["state"],
  error: SealwireError | undefined,
  ended: (error: SealwireError) => void,
): void {
  if (shell.stop.aborted) return;
  if (state === "open") shell.note("connected again");
  if (state === "broken") shell.note(`the connection broke: ${foreign(error?.message ?? "")}`);
  if (state === "closed") ended(error ?? new SealwireError("UNAVAILABLE", "the server has gone"));
}
