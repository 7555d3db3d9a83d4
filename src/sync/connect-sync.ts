import { MessageChannel, Worker } from "node:worker_threads";
import { SealwireError } from "../core/model/errors.ts";
import { limitsOf, type SyncClientOptions } from "./options.ts";
import { type AnyApi, type SyncClient, syncApi } from "./sync-api.ts";
import { SyncConnection } from "./sync-connection.ts";
import { ThreadLink, threadEnded } from "./thread-link.ts";
import { CELLS, type ThreadStart } from "./thread-messages.ts";

/**
 * Connects and returns a client whose calls block until their answer is there: for scripts and
 * the REPL. A thread of its own holds the connection, so it stays alive while this one computes.
 * The process ends when the script does, closed or not.
 *
 * Servers must not use it to call other servers: nothing else of the thread runs meanwhile.
 *
 * @throws as `connect`; `INVALID_ARGUMENT` too for options that are no plain values
 *
 * @example
 * const client = connectSync("tcp://127.0.0.1:7000", { pin });
 * client.greet("Bob");
 */
export function connectSync<Api = AnyApi>(
  address: string | URL,
  options: SyncClientOptions = {},
): SyncClient<Api> {
  const { link, end } = startThread();
  const limits = limitsOf(options);
  try {
    link.ask({ kind: "open", address: String(address), options }, limits.openMs);
  } catch (thrown) {
    const error = SealwireError.from(thrown);
    link.end(error);
    end();
    throw error;
  }
  return syncApi<Api>(new SyncConnection(shownAddress(address), link, limits, end));
}

function startThread(): { readonly link: ThreadLink; readonly end: () => void } {
  const { port1, port2 } = new MessageChannel();
  const cells = new Int32Array(new SharedArrayBuffer(CELLS * Int32Array.BYTES_PER_ELEMENT));
  const worker = new Worker(workerFile(), {
    name: "sealwire sync",
    workerData: { port: port2, cells } satisfies ThreadStart,
    transferList: [port2],
    // Flags of the process, such as `--input-type` or `--import`, are meant for its own program.
    execArgv: [],
  });
  const link = new ThreadLink({ port: port1, cells });
  // The process ends when its own work has, whatever this thread holds open.
  worker.unref();
  worker.once("error", (cause) => link.end(threadEnded(cause)));
  worker.once("exit", () => link.end(threadEnded()));
  return { link, end: () => void worker.terminate() };
}

/** It stands beside this file, as source or as the compiler wrote both. */
function workerFile(): URL {
  const { href } = new URL("./worker.ts", import.meta.url);
  return new URL(import.meta.url.endsWith(".ts") ? href : href.replace(/ts$/, "js"));
}

/** Without user and password. */
function shownAddress(address: string | URL): string {
  const { protocol, host } = new URL(address);
  return `${protocol}//${host}`;
}
