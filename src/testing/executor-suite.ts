import { afterEach, describe } from "vitest";
import { executorAnswers } from "./executor-answers.ts";
import { executorEnding } from "./executor-ending.ts";
import {
  type ExecutorSuite,
  type ExecutorUnderTest,
  type Running,
  taskOf,
} from "./executor-under-test.ts";

/**
 * Proves that an executor keeps its contract. Call it in a test file of vitest.
 *
 * @example
 * executorSuite("mine", () => ({ executor: mine({ threads: 2, maxQueue: 1 }), capacity: 3 }));
 */
export function executorSuite(
  name: string,
  make: () => ExecutorUnderTest | Promise<ExecutorUnderTest>,
): void {
  const open: ExecutorUnderTest[] = [];
  const suite: ExecutorSuite = {
    async made() {
      const made = await make();
      open.push(made);
      const { signal } = new AbortController();
      const run: Running["run"] = (handler, ...input) =>
        made.executor.run(taskOf(handler, ...input), { signal });
      return { ...made, run };
    },
  };
  describe(`executor ${name}`, () => {
    afterEach(async () => {
      for (const { executor, clean } of open.splice(0)) {
        await executor.close();
        await clean?.();
      }
    });
    executorAnswers(suite);
    executorEnding(suite);
  });
}
