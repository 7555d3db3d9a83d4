import type { Command } from "commander";
import type { Client } from "../../client/client.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { FileClient, TransferOptions } from "../../features/files/index.ts";
import { withClient } from "../connecting.ts";
import type { ConnectingOptions } from "../connecting-options.ts";
import { EXIT, tellFailure } from "../failures.ts";
import { countOption } from "../option-values.ts";
import type { Run } from "../program.ts";
import type { Shell } from "../shell.ts";
import { type ProgressLine, progressLine } from "./progress-line.ts";

/** What is said of transfers, beside how to connect. */
export interface FilesOptions extends ConnectingOptions {
  readonly resume?: boolean;
  /** Seconds. */
  readonly wait?: number;
}

/** What a command about files works with. */
export interface FilesWork {
  readonly files: FileClient;
  readonly shell: Shell;
  /** Shows one transfer while it runs; machines see its end alone. */
  shown<Result>(
    name: string,
    transfer: (options: TransferOptions) => Promise<Result>,
  ): Promise<Result>;
}

/** Adds the options of transfers. */
export function withTransferOptions(command: Command): Command {
  return command
    .option("--no-resume", "begin anew, whatever an earlier try has left")
    .option("--wait <seconds>", "how long to wait for the server after a break", countOption, 600);
}

/** Connects to a server that keeps files and works with them; a failure becomes an exit code. */
export function withFiles(
  run: Run,
  url: string,
  options: FilesOptions,
  work: (work: FilesWork) => Promise<void>,
): Promise<void> {
  // Those that transfer nothing have no such option.
  const resume = options.resume === true;
  const through = (shell: Shell) => async (client: Client) => {
    const breaks = watchBreaks(client, (options.wait ?? 0) * 1_000);
    const signal = AbortSignal.any([breaks.gone, shell.stop]);
    const { fileClient } = await import("../../features/files/index.ts");
    const files = client.install(fileClient());
    const shown: FilesWork["shown"] = (name, transfer) =>
      withLine(shell, { name, json: options.json, breaks }, (onProgress) =>
        transfer({ resume, signal, onProgress }),
      );
    try {
      await work({ files, shell, shown });
      return EXIT.ok;
    } catch (thrown) {
      if (shell.unread) return EXIT.ok;
      const cut = client.state !== "open" || shell.stop.aborted;
      const { code } = tellFailure(shell, thrown, options.json, hintFor(thrown, cut && resume));
      if (shell.stop.aborted) return EXIT.interrupted;
      if (cut) return EXIT.unconnected;
      return code === "INVALID_ARGUMENT" ? EXIT.usage : EXIT.failed;
    } finally {
      breaks.end();
    }
  };
  const wanted = { ...options, reconnect: resume };
  return run((shell) => withClient(shell, url, wanted, through(shell)));
}

function hintFor(thrown: unknown, resumable: boolean): string | undefined {
  if (resumable) return "run the same command again to go on from there";
  const { code, message } = SealwireError.from(thrown);
  const none = code === "NOT_FOUND" && message.includes("procedure");
  return none
    ? "does this server keep files? It does when it installs the feature files"
    : undefined;
}

/** The breaks of a connection. */
interface Breaks {
  /** Aborted when the server has not come back in time. */
  readonly gone: AbortSignal;
  /** Who is told of each break. */
  onBreak: () => void;
  end(): void;
}

function watchBreaks(client: Client, waitMs: number): Breaks {
  const gone = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const breaks: Breaks = {
    gone: gone.signal,
    onBreak: () => {},
    end: () => clearTimeout(timer),
  };
  client.onState((state) => {
    if (state === "open") {
      clearTimeout(timer);
      timer = undefined;
    } else if (state === "broken") {
      timer ??= setTimeout(() => gone.abort(serverGone()), waitMs);
      breaks.onBreak();
    }
  });
  return breaks;
}

async function withLine<Result>(
  shell: Shell,
  file: { readonly name: string; readonly json: boolean | undefined; readonly breaks: Breaks },
  transfer: (onProgress: NonNullable<TransferOptions["onProgress"]>) => Promise<Result>,
): Promise<Result> {
  if (file.json) return transfer(() => {});
  let line: ProgressLine | undefined;
  file.breaks.onBreak = () => line?.pause("the server is gone, waiting for it");
  try {
    return await transfer(({ name, bytes, totalBytes, resumedBytes }) => {
      line ??= progressLine(shell, { name, totalBytes, fromBytes: resumedBytes });
      line.at(bytes);
    });
  } finally {
    file.breaks.onBreak = () => {};
    line?.end();
  }
}

function serverGone(): SealwireError {
  return new SealwireError("UNAVAILABLE", "the server has not come back");
}
