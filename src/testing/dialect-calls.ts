import { expect, test } from "vitest";
import { SealwireError } from "../core/model/errors.ts";
import type { DialectSuite } from "./dialect-under-test.ts";
import { type ServerAndClient, serverAndClient } from "./server-and-client.ts";

/** Values that every wire for calls can carry, also those that carry JSON. */
const VALUES: readonly unknown[] = ["", "äöü 🦀", 0, -1, 2 ** 40, 1.5, true, false, null, [], {}];
/** Names that mean something to JavaScript. */
const NAMES = ["__proto__", "constructor", "toString", "then"];

/** Calls, errors, cancellation, events, and calls the other way. */
export function calling(suite: DialectSuite): void {
  test("carries arguments and results as they were", async () => {
    await using pair = await pairOf(suite);
    for (const value of VALUES) expect(await pair.client.call("echo", [value])).toEqual([value]);
    const deep = { list: [1, [2, { three: VALUES }]] };
    expect(await pair.client.call("echo", [deep, "second"])).toEqual([deep, "second"]);
    expect(await pair.client.call("echo")).toEqual([]);
  });

  test("gives each of many calls its own answer", async () => {
    await using pair = await pairOf(suite);
    const numbers = Array.from({ length: 300 }, (_, i) => i);
    const answers = await Promise.all(numbers.map((n) => pair.client.call("echo", [n])));
    expect(answers).toEqual(numbers.map((n) => [n]));
  });

  test("answers a quick call before a slow one, or in order where the wire has it so", async () => {
    await using pair = await pairOf(suite);
    const order: string[] = [];
    const { dialect, answersInOrder = false } = await suite.make();
    const overtakes = dialect.vocabulary.callsInFlight > 1 && !answersInOrder;
    const slow = pair.client.call("wait").then(() => order.push("slow"));
    const quick = pair.client.call("echo", [1]).then(() => order.push("quick"));
    if (overtakes) await quick;
    pair.letGo();
    await Promise.all([slow, quick]);
    expect(order).toEqual(overtakes ? ["quick", "slow"] : ["slow", "quick"]);
  });

  test("carries the failure of a handler, and does not tell what nobody meant to tell", async () => {
    await using pair = await pairOf(suite);
    const { keepsCodes = true } = await suite.make();
    const failed = await pair.client.call("conflict").catch((thrown: unknown) => thrown);
    expect(failed).toBeInstanceOf(SealwireError);
    expect(String(failed)).toContain("already there");
    if (keepsCodes) expect(failed).toMatchObject({ code: "CONFLICT" });
    expect(await pair.client.call("echo", [1])).toEqual([1]);
  });

  test("finds no procedure that nobody registered, whatever its name means elsewhere", async () => {
    await using pair = await pairOf(suite);
    const { keepsCodes = true } = await suite.make();
    for (const name of NAMES) {
      const failed = await pair.client.call(name, [1]).catch((thrown: unknown) => thrown);
      expect(failed).toBeInstanceOf(SealwireError);
      if (keepsCodes) expect(failed).toMatchObject({ code: "NOT_FOUND" });
    }
  });

  test("tells the handler of a cancelled call, where the wire can say it", async () => {
    await using pair = await pairOf(suite);
    const { kinds } = (await suite.make()).dialect.vocabulary;
    const stop = new AbortController();
    const call = pair.client.call("untilAborted", [], { signal: stop.signal });
    await pair.started;
    stop.abort();
    await expect(call).rejects.toMatchObject({ code: "CANCELLED" });
    if (kinds.has("cancel")) await pair.aborted;
  });

  test("carries events both ways, or refuses them", async () => {
    await using pair = await pairOf(suite);
    const { kinds } = (await suite.make()).dialect.vocabulary;
    if (!kinds.has("event")) {
      await expect(pair.client.emit("news", 1)).rejects.toMatchObject({ code: "UNSUPPORTED" });
      expect(await pair.server.broadcast("news", 1)).toEqual({ delivered: 0, skipped: 1 });
      return;
    }
    const atServer = new Promise((resolve) => pair.server.onEvent("up", resolve));
    await pair.client.emit("up", { n: 1 });
    expect(await atServer).toEqual({ n: 1 });
    const atClient = new Promise((resolve) => pair.client.onEvent("down", resolve));
    // A call travels behind the wish for the event, so that the server knows of it.
    await pair.client.call("echo");
    await pair.server.broadcast("down", ["x"]);
    expect(await atClient).toEqual(["x"]);
  });

  test("lets the server call the client, or says UNSUPPORTED where the wire cannot", async () => {
    await using pair = await pairOf(suite);
    const { callsBothWays } = (await suite.make()).dialect.vocabulary;
    pair.client.expose({ double: (n: number) => 2 * n });
    const [connection] = pair.server.connections.values();
    if (!callsBothWays) {
      await expect(connection?.call("double", [4])).rejects.toMatchObject({ code: "UNSUPPORTED" });
      return;
    }
    const both = [connection?.call("double", [4]), pair.client.call("echo", [4])];
    expect(await Promise.all(both)).toEqual([8, [4]]);
  });
}

/** The pair, and what its handlers tell. */
interface CallingPair extends ServerAndClient {
  readonly started: Promise<void>;
  readonly aborted: Promise<void>;
  letGo(): void;
}

async function pairOf(suite: DialectSuite): Promise<CallingPair> {
  const { dialect, server, client } = await suite.make();
  const [started, aborted, gate] = [signal(), signal(), signal()];
  const pair = await serverAndClient({
    ...{ dialect, ...(server && { server }), ...(client && { client }) },
    register(registering) {
      registering.expose({ echo: (...args: unknown[]) => args }, { public: true });
      registering.procedure("wait", { public: true }, () => gate.promise);
      registering.procedure("conflict", { public: true }, () => {
        throw new SealwireError("CONFLICT", "it is already there");
      });
      registering.procedure("untilAborted", { public: true }, (call) => {
        call.signal.addEventListener("abort", () => aborted.resolve());
        started.resolve();
        return new Promise(() => {});
      });
      registering.event("up", { public: true });
      registering.event("down", { public: true });
    },
  });
  const told = { started: started.promise, aborted: aborted.promise, letGo: gate.resolve };
  return Object.assign(pair, told);
}

function signal(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
