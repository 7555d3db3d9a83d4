import { expect, test } from "vitest";
import { type ExecutorSuite, TASKS } from "./executor-under-test.ts";

/** What a task is given and what comes of it. */
export function executorAnswers({ made }: ExecutorSuite): void {
  test("gives what the handler returned, at once or later, exported by name or in the default", async () => {
    const { run } = await made();
    expect(await run("add", 2, 3)).toBe(5);
    expect(await run("later", "value")).toBe("value");
    expect(await run("inDefault", "x")).toBe("default x");
  });

  test("carries what a structured clone carries, of a view what it shows, and leaves what was given", async () => {
    const { run } = await made();
    const values = [new Map([["a", 1n]]), new Set([1]), new Date(0), new Uint8Array([1, 2]), null];
    const given = structuredClone(values);
    expect(await run("all", ...given)).toEqual(values);
    expect(given).toEqual(values);
    const view = new Uint8Array(100).fill(7).subarray(10, 12);
    expect(await run("all", view)).toEqual([new Uint8Array([7, 7])]);
  });

  test("throws what the handler has thrown: code and details, or name and message", async () => {
    const { run } = await made();
    await expect(run("refuse")).rejects.toMatchObject({
      code: "CONFLICT",
      message: "that is taken",
      details: { by: "ann" },
    });
    await expect(run("fail")).rejects.toMatchObject({
      name: "RangeError",
      message: "beyond the range",
    });
    // Not every name that the module answers to is a handler.
    await expect(run("missing")).rejects.toThrow("missing");
    await expect(run("toString")).rejects.toThrow("toString");
    expect(await run("add", 1, 1)).toBe(2);
  });

  test("misses a module that is not there when it is told of it", async () => {
    const { executor } = await made();
    if (!executor.prepare) return;
    const module = new URL("./nowhere.ts", TASKS);
    const prepare = () => executor.prepare?.({ module, handler: "add" });
    expect(prepare).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
    expect(() => executor.prepare?.({ module: TASKS, handler: "add" })).not.toThrow();
  });

  test("keeps this event loop free while a task computes", async () => {
    const { run } = await made();
    await run("add", 1, 1);
    let turns = 0;
    let over = false;
    const computing = run("spinFor", 100).finally(() => {
      over = true;
    });
    while (!over) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      turns += 1;
    }
    expect(await computing).toBe(100);
    expect(turns).toBeGreaterThan(5);
  });
}
