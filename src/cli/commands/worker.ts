import { once } from "node:events";
import { resolve } from "node:path";
import type { Command } from "commander";
import type { Client } from "../../client/client.ts";
import type { Executor } from "../../core/contracts/executor.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { BrokerWorker } from "../../features/broker/broker-worker.ts";
import { withClient } from "../connecting.ts";
import { type ConnectingOptions, withConnectingOptions } from "../connecting-options.ts";
import { EXIT, tellFailure } from "../failures.ts";
import { fill } from "../module-loader.ts";
import { countOption, millisecondsOption } from "../option-values.ts";
import { foreign } from "../printable.ts";
import type { Run } from "../program.ts";
import { takeEnvFile } from "../serving.ts";
import type { Shell } from "../shell.ts";

interface WorkerCommandOptions extends ConnectingOptions {
  readonly broker: string;
  readonly threads?: number;
  readonly concurrency?: number;
  readonly idempotent?: boolean;
  readonly drain: number;
}

/** `sealwire worker`: serves the functions of a module to the callers of a broker. */
export function workerCommand(program: Command, run: Run): void {
  withConnectingOptions(program.command("worker"))
    .summary("serve the functions of a module through a broker")
    .description(
      "Connects to a broker and answers the calls that it gives to this worker. The module is one " +
        "as for sealwire serve. After a break it connects again.",
    )
    .argument("<module>", "file of the module, .ts or .js")
    .requiredOption("--broker <url>", "where the broker listens, such as tcp://127.0.0.1:7000")
    .option("--threads <n>", "run the functions that the module exports in threads", countOption)
    .option(
      "--concurrency <n>",
      "calls that it takes at once (default: the threads, or 16)",
      countOption,
    )
    .option(
      "--idempotent",
      "functions of the module may run twice: if this worker is lost, another",
    )
    .option("--drain <ms>", "how long calls may still run at the end", millisecondsOption, 10_000)
    .addHelpText("after", HELP)
    .action((module: string, options: WorkerCommandOptions) =>
      run((shell) => work(shell, module, options)),
    );
}

const HELP = `
Prints "serving NAMES" when the broker has taken the offer. SIGTERM and Ctrl-C let running calls
end; a second one ends at once. What computes for long belongs into threads: a worker that does
not answer its broker's heartbeat is given up.
Exit codes: 0 ended by a signal, 1 the broker refused, 2 wrong usage, 3 no connection.

Example:
  SEALWIRE_KEY=sw_… sealwire worker tasks.ts --broker tcp://127.0.0.1:7000 --threads 4
`;

async function work(shell: Shell, module: string, options: WorkerCommandOptions): Promise<number> {
  takeEnvFile(options.envFile);
  const { threads, json } = options;
  return withClient(shell, options.broker, { ...options, reconnect: true }, async (client) => {
    shell.takeSignals();
    const { piscina } = await import("../../adapters/piscina/piscina.ts");
    const executor = piscina(threads === undefined ? {} : { threads });
    try {
      return await serve(shell, module, options, client, executor);
    } catch (thrown) {
      const { code } = SealwireError.from(thrown, "INTERNAL");
      tellFailure(shell, thrown, json, code === "NOT_FOUND" ? NO_BROKER : undefined);
      return code === "INVALID_ARGUMENT" ? EXIT.usage : EXIT.failed;
    } finally {
      await executor.close();
    }
  });
}

const NO_BROKER = "is it a broker? sealwire broker runs one, a server of your own may install one";

async function serve(
  shell: Shell,
  module: string,
  { threads, concurrency = threads ?? 16, idempotent = false, ...options }: WorkerCommandOptions,
  client: Client,
  executor: Executor,
): Promise<number> {
  const ended = new AbortController();
  const { brokerWorker } = await import("../../features/broker/broker-worker.ts");
  const worker = brokerWorker(client, {
    ...{ concurrency, executor },
    onRefused: (error) => ended.abort(error),
  });
  const inThreads = (names: readonly string[]) => {
    const file = resolve(module);
    for (const handler of names) {
      worker.procedure(handler, { idempotent, worker: { module: file, handler } });
    }
  };
  await fill(worker, module, (functions) =>
    threads === undefined
      ? worker.expose(functions, { idempotent })
      : inThreads(Object.keys(functions)),
  );
  client.onState((state, error) => {
    if (state === "closed") ended.abort(error ?? gone());
  });
  await worker.offer();
  await shell.out(
    options.json ? JSON.stringify({ serving: worker.names }) : `serving ${names(worker)}`,
  );
  const until = AbortSignal.any([shell.stop, ended.signal]);
  if (!until.aborted) await once(until, "abort");
  if (ended.signal.aborted) throw SealwireError.from(ended.signal.reason);
  await leave(shell, worker, options.drain);
  return EXIT.ok;
}

function names(worker: BrokerWorker): string {
  return worker.names.map(foreign).join(" ");
}

async function leave(shell: Shell, worker: BrokerWorker, drainMs: number): Promise<void> {
  shell.note("leaving: no new calls, running ones may end");
  try {
    await worker.leave(drainMs);
  } catch (thrown) {
    shell.note(`not in order: ${foreign(SealwireError.from(thrown).message)}`);
  }
}

function gone(): SealwireError {
  return new SealwireError("UNAVAILABLE", "the broker has gone");
}
