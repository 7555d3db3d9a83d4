import { setTimeout as pause } from "node:timers/promises";
import type { Command } from "commander";
import { withClient } from "../connecting.ts";
import { type ConnectingOptions, withConnectingOptions } from "../connecting-options.ts";
import { EXIT } from "../failures.ts";
import { countOption, millisecondsOption } from "../option-values.ts";
import type { Run } from "../program.ts";
import type { Shell } from "../shell.ts";

interface PingOptions extends ConnectingOptions {
  readonly count: number;
  readonly interval: number;
}

/** `sealwire ping`: how long a round trip takes. */
export function pingCommand(program: Command, run: Run): void {
  withConnectingOptions(program.command("ping"))
    .summary("measure round trips")
    .description("Connects and prints how many milliseconds a sealed round trip takes.")
    .argument("<url>", "where the server listens, such as tcp://127.0.0.1:7000")
    .option("--count <n>", "how often", countOption, 1)
    .option("--interval <ms>", "milliseconds between two", millisecondsOption, 1000)
    .addHelpText("after", "\nExample:\n  sealwire ping tcp://127.0.0.1:7000 --count 5\n")
    .action((url: string, options: PingOptions) => run((shell) => ping(shell, url, options)));
}

function ping(shell: Shell, url: string, options: PingOptions): Promise<number> {
  const { count, interval, timeout, json } = options;
  const limits = { signal: shell.stop, ...(timeout !== undefined && { timeoutMs: timeout }) };
  return withClient(shell, url, options, async (client) => {
    for (let done = 0; done < count && !shell.stop.aborted; done++) {
      if (done > 0) await pause(interval, undefined, { signal: shell.stop });
      const ms = (await client.ping(limits)).toFixed(2);
      await shell.out(json ? `{"ms":${ms}}` : `${ms} ms`);
    }
    return EXIT.ok;
  });
}
