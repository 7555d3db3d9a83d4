import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Piscina } from "piscina";
import type { Executor, Task, TaskTarget } from "../../core/contracts/executor.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { type PiscinaOptions, piscinaConfig } from "./options.ts";
import { answerValue, type ThreadAnswer, type ThreadTask } from "./thread-answer.ts";

/**
 * Runs tasks in threads, with piscina. The threads start with the first task. A task whose signal
 * is aborted loses its thread, which is replaced; a thread that dies takes no other task with it.
 *
 * @throws `INVALID_ARGUMENT` for an option that makes no sense
 */
export function piscina(options: PiscinaOptions = {}): Executor {
  return new Threads(piscinaConfig(options));
}

class Threads implements Executor {
  readonly #config: Required<PiscinaOptions>;
  #pool: Piscina<ThreadTask, ThreadAnswer> | undefined;
  #open = 0;
  #closed = false;

  constructor(config: Required<PiscinaOptions>) {
    this.#config = config;
  }

  prepare({ module }: TaskTarget): void {
    const url = urlOf(module);
    if (url.protocol === "file:" && !existsSync(url)) {
      throw new SealwireError("INVALID_ARGUMENT", `there is no module ${fileURLToPath(url)}`);
    }
    poolClass();
  }

  async run({ module, handler, input }: Task, options: RunOptions): Promise<unknown> {
    const { signal } = options;
    if (this.#closed) throw closedAlready();
    signal.throwIfAborted();
    const { threads, maxQueue } = this.#config;
    if (this.#open >= threads + maxQueue) throw tooMany(maxQueue);
    this.#pool ??= startedPool(this.#config);
    const task: ThreadTask = { module: urlOf(module).href, handler, input };
    this.#open += 1;
    try {
      return answerValue(await this.#pool.run(task, { signal }).catch(explain(signal, handler)));
    } finally {
      this.#open -= 1;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#pool?.destroy();
  }
}

interface RunOptions {
  readonly signal: AbortSignal;
}

function urlOf(module: string | URL): URL {
  if (module instanceof URL) return module;
  // A letter and a colon is a drive, not a scheme.
  return /^[a-z][a-z0-9+.-]+:/i.test(module) ? new URL(module) : pathToFileURL(resolve(module));
}

function startedPool(config: Required<PiscinaOptions>): Piscina<ThreadTask, ThreadAnswer> {
  const pool = new (poolClass())<ThreadTask, ThreadAnswer>({
    filename: threadFile(),
    name: "run",
    // As many at least as at most: otherwise the tasks that wait would not get another thread
    // when the last one has died.
    minThreads: config.threads,
    maxThreads: config.threads,
    resourceLimits: { maxOldGenerationSizeMb: config.maxMemoryMb },
    // Flags of the process, such as `--input-type`, are meant for its own program.
    execArgv: [],
  });
  // A thread that dies of what an earlier task has left behind while it has nothing to do.
  pool.on("error", () => {});
  return pool;
}

/** It stands beside this file as the compiler wrote it: threads cannot load sources on Node 20. */
function threadFile(): string {
  const { pathname } = new URL("./thread.ts", import.meta.url);
  const built = pathname.replace(/\/src\/(adapters\/.*)$/, "/dist/$1").replace(/ts$/, "js");
  return fileURLToPath(new URL(built, import.meta.url));
}

function poolClass(): typeof Piscina {
  try {
    const loaded: { readonly Piscina: typeof Piscina } = createRequire(import.meta.url)("piscina");
    return loaded.Piscina;
  } catch (cause) {
    const message = "threads need the package piscina: npm install piscina";
    throw new SealwireError("UNSUPPORTED", message, { cause });
  }
}

/** What the pool itself says of a task that has no answer. */
function explain(signal: AbortSignal, handler: string): (thrown: unknown) => never {
  return (thrown) => {
    if (signal.aborted) throw SealwireError.from(signal.reason, "CANCELLED");
    // What a structured clone refuses in a thread arrives here as something without a class.
    const died = thrown instanceof Error && thrown.name !== "DataCloneError";
    throw died ? threadDied(handler, thrown) : cannotCross(handler);
  };
}

function threadDied(handler: string, cause: Error): SealwireError {
  const message = `the thread that ran ${handler} has ended: ${cause.message}`;
  return new SealwireError("UNAVAILABLE", message, { cause });
}

function cannotCross(handler: string): SealwireError {
  return new SealwireError(
    "INTERNAL",
    `what ${handler} takes or returns cannot cross between threads: no functions, no streams`,
  );
}

function tooMany(maxQueue: number): SealwireError {
  return new SealwireError("RATE_LIMITED", `${maxQueue} tasks wait for a thread; try again later`);
}

function closedAlready(): SealwireError {
  return new SealwireError("UNAVAILABLE", "the threads have been ended");
}
