import type { Executor, Task } from "../core/contracts/executor.ts";

/** An executor that is to be proven. */
export interface ExecutorUnderTest {
  /** Runs at least two tasks at once. */
  readonly executor: Executor;
  /** Tasks that it takes at once, those that wait among them; one more is refused. */
  readonly capacity: number;
  /** Takes away what was made for it. */
  readonly clean?: () => Promise<void>;
}

/** What the parts of the suite share. */
export interface ExecutorSuite {
  /** A new one; closed after the test. */
  made(): Promise<Running>;
}

/** An executor and a short way to its tasks. */
export interface Running extends ExecutorUnderTest {
  /** Runs a handler of the suite's own module. */
  run(handler: string, ...input: readonly unknown[]): Promise<unknown>;
}

/** The module whose handlers the suite runs: as it was written, or as the compiler wrote it. */
export const TASKS: URL = new URL(
  import.meta.url.endsWith(".ts") ? "./executor-tasks.ts" : "./executor-tasks.js",
  import.meta.url,
);

/** One task of that module. */
export function taskOf(handler: string, ...input: readonly unknown[]): Task {
  return { module: TASKS, handler, input };
}
