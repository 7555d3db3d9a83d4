import { expect, test } from "vitest";
import { SealwireError } from "../core/model/errors.ts";
import { type ExecutorSuite, taskOf } from "./executor-under-test.ts";

const code = (is: string) => expect.objectContaining({ code: is });

/** Tasks that do not end by themselves, and executors that do. */
export function executorEnding({ made }: ExecutorSuite): void {
  test("ends a task that never looks up when its signal is aborted, with the signal's reason", async () => {
    const { executor, run } = await made();
    const leaving = new AbortController();
    const reason = new SealwireError("DEADLINE_EXCEEDED", "too late");
    await run("add", 1, 1);
    const spinning = executor.run(taskOf("spin"), { signal: leaving.signal });
    leaving.abort(reason);
    await expect(spinning).rejects.toEqual(code("DEADLINE_EXCEEDED"));
    expect(await run("add", 2, 3)).toBe(5);
  });

  test("does not begin what was aborted before", async () => {
    const { executor } = await made();
    const reason = new SealwireError("CANCELLED", "changed my mind");
    const begun = executor.run(taskOf("spin"), { signal: AbortSignal.abort(reason) });
    await expect(begun).rejects.toEqual(code("CANCELLED"));
  });

  test("fails the task alone whose place has died", async () => {
    const { run } = await made();
    const other = run("spinFor", 100);
    await expect(run("die")).rejects.toEqual(code("UNAVAILABLE"));
    expect(await other).toBe(100);
    expect(await run("add", 2, 3)).toBe(5);
  });

  test("refuses one task more than it takes, and has room again after them", async () => {
    const { run, capacity } = await made();
    const taken = Array.from({ length: capacity }, () => run("spinFor", 20));
    await expect(run("add", 2, 3)).rejects.toEqual(code("RATE_LIMITED"));
    expect(await Promise.all(taken)).toEqual(taken.map(() => 20));
    expect(await run("add", 2, 3)).toBe(5);
  });

  test("ends what runs and what waits when it is closed, and refuses what comes after", async () => {
    const { executor, run, capacity } = await made();
    const taken = Promise.allSettled(Array.from({ length: capacity }, () => run("spin")));
    await executor.close();
    const ends = await taken;
    expect(ends.map(({ status }) => status)).toEqual(ends.map(() => "rejected"));
    await expect(run("add", 2, 3)).rejects.toEqual(code("UNAVAILABLE"));
    await executor.close();
  });
}
