import { once } from "node:events";
import { afterAll, beforeAll, expect, it } from "vitest";
import { run, SYNC } from "./program.ts";
import { KEY, type Served, serve } from "./served.ts";

let served: Served;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served.close());

/** What a script prints; the client is `client`, and `print` prints JSON. */
async function printed(script: string): Promise<unknown[]> {
  const { code, out, err } = await run(`
    const print = (value) => console.log(JSON.stringify(value));
    const failure = (act) => {
      try { return act(); } catch (e) {
        return [e instanceof SealwireError, e.code, e.message, e.details ?? null];
      }
    };
    const client = connectSync(${served.args});
    ${script}`);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

it("calls by position, by name, with dots, and any name", async () => {
  expect(
    await printed(`
      print(client.add(2, 3));
      print(client.users.find({ id: 7 }));
      print(client.$call("add", [40, 2]));
      print(client.$call("users.find", { id: 8 }, { timeoutMs: 5_000 }));
      print(client.$ping() > 0);`),
  ).toEqual([5, { id: 7, name: "Ann" }, 42, { id: 8, name: "Ann" }, true]);
});

it("carries values of every kind, both ways", async () => {
  const value = "new Map([[2n ** 63n, [new Date(0), new Uint8Array([1, 2]), new Set([null])]]])";
  expect(
    await printed(`
      const { isDeepStrictEqual } = await import("node:util");
      print(isDeepStrictEqual(client.echo(${value}), ${value}));`),
  ).toEqual([true]);
});

it("throws errors of the handler, and such as come before one", async () => {
  expect(
    await printed(`
      print(failure(() => client.fail()));
      print(failure(() => client.crash()).slice(0, 2));
      print(failure(() => client.absent.deep()).slice(0, 2));
      print(failure(() => client.secret()).slice(0, 2));
      print(failure(() => client.echo(() => 1)).slice(0, 2));
      print(client.add(1, 1));`),
  ).toEqual([
    [true, "CONFLICT", "somebody was faster", { by: "tim" }],
    [true, "INTERNAL"],
    [true, "NOT_FOUND"],
    [true, "UNAUTHENTICATED"],
    [true, "INVALID_ARGUMENT"],
    2,
  ]);
});

it("gives up after the timeout, which cancels the call, and can be used on", async () => {
  const cancelled = once(served.seen, "cancelled");
  expect(
    await printed(`
      print(failure(() => client.$call("hang", [], { timeoutMs: 50 })).slice(0, 2));
      print(client.add(1, 1));`),
  ).toEqual([[true, "DEADLINE_EXCEEDED"], 2]);
  await cancelled;
});

it("iterates streams, and leaving one ends the handler", async () => {
  const left = once(served.seen, "left");
  expect(
    await printed(`
      print([...client.count(3)]);
      for (const item of client.count(1e9)) if (item === 5) { print(item); break; }
      print(client.add(1, 1));`),
  ).toEqual([[1, 2, 3], 5, 2]);
  await left;
});

it("waits for an item of a stream at most as long as it was told", async () => {
  expect(
    await printed(`
      const items = client.$call("tickOnce", [], { timeoutMs: 100 });
      print(items.next());
      print(failure(() => items.next()).slice(0, 2));
      print(items.next().done);`),
  ).toEqual([{ value: 1, done: false }, [true, "DEADLINE_EXCEEDED"], true]);
});

it("tells the server something without an answer", async () => {
  const said = once(served.seen, "said");
  await printed('client.$emit("said", 7); print(1);');
  expect(await said).toEqual([7]);
});

it("has several clients at once, each its own", async () => {
  expect(
    await printed(`
      const other = connectSync(${served.args.replace("{", `{ callTimeoutMs: 9_000,`)});
      const both = client.count(2);
      print([other.add(1, 2), both.next().value, other.add(3, 4), both.next().value]);
      other.$close();
      print(failure(() => other.add(1, 2)).slice(0, 2));
      print(client.add(5, 6));`),
  ).toEqual([[3, 1, 7, 2], [true, "UNAVAILABLE"], 11]);
});

it("works within a thread of the program too", async () => {
  const code = `
    import { parentPort } from "node:worker_threads";
    import { connectSync } from ${JSON.stringify(SYNC)};
    parentPort.postMessage(connectSync(${served.args}).add(20, 1));`;
  expect(
    await printed(`
      const { Worker } = await import("node:worker_threads");
      const url = new URL(${JSON.stringify(`data:text/javascript,${encodeURIComponent(code)}`)});
      new Worker(url).once("message", print);`),
  ).toEqual([21]);
});

it("keeps the connection while the thread of the program computes", async () => {
  let joined = 0;
  const count = () => joined++;
  served.seen.on("joined", count);
  expect(
    await printed(`
      const busy = connectSync(${served.args.replace(
        "{",
        "{ heartbeat: { intervalMs: 50, timeoutMs: 50 }, reconnect: false,",
      )});
      const until = performance.now() + 600;
      while (performance.now() < until);
      print(busy.add(1, 2));`),
  ).toEqual([3]);
  served.seen.off("joined", count);
  expect(joined).toBe(2);
});

it("proves who it is, and throws why it cannot connect", async () => {
  const { address, pin } = served;
  const to = (options: object, url = address) =>
    `connectSync(${JSON.stringify(url)}, ${JSON.stringify(options)})`;
  const key = (text: string) => ({ pin, credentials: { scheme: "api-key", key: text } });
  expect(
    await printed(`
      print(${to(key(KEY))}.secret());
      print(failure(() => ${to(key("another key that nobody knows"))}).slice(0, 2));
      print(failure(() => ${to({}, "tcp://127.0.0.1:1")}).slice(0, 2));
      print(failure(() => ${to({}, "nonsense")}).slice(0, 2));
      print(failure(() => ${to({ callTimeoutMs: -1 })}).slice(0, 2));
      print(failure(() => connectSync("tcp://127.0.0.1:1", { logger: console })).slice(0, 2));`),
  ).toEqual([
    "for the proven",
    [true, "UNAUTHENTICATED"],
    [true, "UNAVAILABLE"],
    [true, "INVALID_ARGUMENT"],
    [true, "INVALID_ARGUMENT"],
    [true, "INVALID_ARGUMENT"],
  ]);
});
