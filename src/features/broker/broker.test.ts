import { afterEach, beforeEach, expect, it } from "vitest";
import { z } from "zod";
import type { Client } from "../../client/client.ts";
import { isStream } from "../../core/engine/streams.ts";
import type { Call } from "../../core/model/call.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { native } from "../../presets/node.ts";
import { type ServerAndClient, serverAndClient } from "../../testing/server-and-client.ts";
import { type Broker, broker } from "./broker.ts";
import { type BrokerWorker, type BrokerWorkerOptions, brokerWorker } from "./broker-worker.ts";

let pair: ServerAndClient;
let served: Broker;

beforeEach(async () => {
  pair = await serverAndClient({
    dialect: native(),
    as: { id: "ann", scopes: ["worker", "reports"] },
    register: (server) => {
      served = server.install(broker());
      server.expose({ own: () => "the broker's" });
    },
  });
});
afterEach(() => pair.close());

interface Worker {
  readonly client: Client;
  readonly worker: BrokerWorker;
}

async function workerWith(
  register: (worker: BrokerWorker) => void,
  options?: BrokerWorkerOptions,
): Promise<Worker> {
  const client = await pair.connect();
  const worker = brokerWorker(client, options);
  register(worker);
  await worker.offer();
  return { client, worker };
}

const add = (a: number, b: number): number => a + b;
const code = (thrown: unknown): unknown => SealwireError.from(thrown).code;

/** Runs until the test lets it go. */
function held(): {
  readonly wait: () => Promise<string>;
  readonly begun: Promise<void>;
  end(): void;
} {
  let begin = (): void => {};
  let end = (): void => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const ended = new Promise<string>((resolve) => {
    end = () => resolve("ended");
  });
  const wait = () => {
    begin();
    return ended;
  };
  return { wait, begun, end };
}

it("lets workers answer the calls of others, from their first offer on", async () => {
  expect(await pair.client.call("add", [2, 3]).catch(code)).toBe("NOT_FOUND");
  await workerWith((worker) => worker.expose({ add }));
  expect(await pair.client.call("add", [2, 3])).toBe(5);
  expect(served.workers).toMatchObject([{ procedures: ["add"], concurrency: 16, open: 0 }]);
});

it("passes names, metadata, time and the caller on, and believes nobody but the broker", async () => {
  const seen: Call[] = [];
  await workerWith((worker) =>
    worker.procedure("greet", { params: { name: z.string() } }, ({ name }, call) => {
      seen.push(call);
      return `Hello ${name}`;
    }),
  );
  const meta = { trace: "t1", $caller: '{"id":"root"}' };
  const answer = await pair.client.call("greet", { name: "Bob" }, { meta, timeoutMs: 5_000 });
  expect(answer).toBe("Hello Bob");
  expect(seen[0]?.meta).toEqual({ trace: "t1" });
  expect(seen[0]?.principal).toEqual({ id: "ann", scopes: new Set(["worker", "reports"]) });
  expect(Number(seen[0]?.deadline) - Date.now()).toBeGreaterThan(1_000);
});

it("passes errors on as they are", async () => {
  await workerWith((worker) => {
    worker.procedure("taken", () => {
      throw new SealwireError("CONFLICT", "that is taken", { details: { by: "ann" } });
    });
    worker.procedure("typed", { params: { n: z.number() } }, ({ n }) => n);
  });
  const error = { code: "CONFLICT", message: "that is taken", details: { by: "ann" } };
  await expect(pair.client.call("taken")).rejects.toMatchObject(error);
  await expect(pair.client.call("typed", ["x"])).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
  });
});

it("passes streams on both ways, and counts them as long as they flow", async () => {
  await workerWith((worker) => {
    worker.procedure("count", async function* () {
      for (let i = 0; i < 3; i++) yield i;
    });
    worker.procedure("sum", async ({ input }) => {
      let sum = 0;
      for await (const item of input) sum += Number(item);
      return sum;
    });
  });
  const stream = await pair.client.call("count");
  expect(isStream(stream)).toBe(true);
  expect(served.open).toBe(1);
  const items: unknown[] = [];
  if (isStream(stream)) for await (const item of stream) items.push(item);
  expect(items).toEqual([0, 1, 2]);
  async function* numbers() {
    yield* [1, 2, 3];
  }
  expect(await pair.client.call("sum", [], { input: numbers() })).toBe(6);
  expect([served.open, served.workers[0]?.open]).toEqual([0, 0]);
});

it("cancels at the worker what its caller gives up", async () => {
  let told = (_signal: AbortSignal): void => {};
  const aborted = new Promise<AbortSignal>((resolve) => {
    told = resolve;
  });
  await workerWith((worker) =>
    worker.procedure("hang", ({ signal }) => {
      signal.addEventListener("abort", () => told(signal));
      return new Promise(() => {});
    }),
  );
  const call = pair.client.call("hang", [], { timeoutMs: 200 }).catch(code);
  expect((await aborted).aborted).toBe(true);
  expect(await call).toBe("DEADLINE_EXCEEDED");
});

it("gives idempotent calls of a lost worker to another, and fails the others", async () => {
  const [first, second] = [held(), held()];
  const register =
    ({ wait }: ReturnType<typeof held>) =>
    (worker: BrokerWorker) => {
      worker.procedure("again", { idempotent: true }, wait);
      worker.procedure("once", wait);
    };
  const lost = await workerWith(register(first));
  const calls = [pair.client.call("again"), pair.client.call("once").catch(code)];
  await first.begun;
  await workerWith(register(second));
  await lost.client.close();
  await second.begun;
  second.end();
  expect(await Promise.all(calls)).toEqual(["ended", "UNAVAILABLE"]);
});

it("lets a caller say that a call may run twice", async () => {
  const [first, second] = [held(), held()];
  const lost = await workerWith((worker) => worker.procedure("once", first.wait));
  const call = pair.client.call("once", [], { meta: { idempotent: "true" } });
  await first.begun;
  await workerWith((worker) => worker.procedure("once", second.wait));
  await lost.client.close();
  second.end();
  expect(await call).toBe("ended");
});

it("lets a worker leave in order", async () => {
  const running = held();
  const { client, worker } = await workerWith((each) => each.procedure("work", running.wait));
  const call = pair.client.call("work");
  await running.begun;
  const left = worker.leave();
  running.end();
  await left;
  await client.close();
  expect(await call).toBe("ended");
});

it("is offered again after the worker has come back", async () => {
  const { worker } = await workerWith((each) => each.expose({ add }));
  const [peer] = served.workers.map((each) => each.peer);
  const connection = pair.server.connections.get(peer?.id ?? "");
  await connection?.close(new SealwireError("UNAVAILABLE", "a break"));
  expect(await pair.client.call("add", [2, 3], { timeoutMs: 5_000 })).toBe(5);
  expect(worker.names).toEqual(["add"]);
});

it("keeps the access that the workers wish for, and wants them to agree", async () => {
  await workerWith((worker) => {
    worker.expose({ add }, { scopes: ["admin"] });
    worker.procedure("report", { scopes: ["reports"] }, () => "all is well");
  });
  expect(await pair.client.call("add", [1, 2]).catch(code)).toBe("PERMISSION_DENIED");
  expect(await pair.client.call("report")).toBe("all is well");
  const other = workerWith((worker) => {
    worker.expose({ fresh: add });
    worker.expose({ add }, { public: true });
  });
  await expect(other).rejects.toMatchObject({ code: "CONFLICT" });
  expect(await pair.client.call("fresh").catch(code)).toBe("NOT_FOUND");
});

it("takes no workers without the scope, and no names that are its own", async () => {
  await using closed = await serverAndClient({
    dialect: native(),
    register: (server) => void server.install(broker()),
  });
  const worker = brokerWorker(closed.client);
  expect(await worker.offer().catch(code)).toBe("PERMISSION_DENIED");
  const taken = workerWith((each) => each.expose({ own: add }));
  await expect(taken).rejects.toMatchObject({ code: "ALREADY_EXISTS" });
});

it.each([
  undefined,
  {},
  { concurrency: 0, procedures: [] },
  { concurrency: 1, procedures: [{ name: "$state.put" }] },
  { concurrency: 1, procedures: [{ name: "x".repeat(257) }] },
  { concurrency: 1, procedures: [{ name: "x", scopes: [7] }] },
  { concurrency: 1, procedures: Array.from({ length: 1_001 }, (_, i) => ({ name: `p${i}` })) },
])("refuses an offer that makes no sense: %j", async (offer) => {
  const refused = pair.client.call("$broker.offer", [offer]);
  await expect(refused).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
});

it("fails what waits when the broker ends", async () => {
  const { worker } = await workerWith((each) => each.expose({ add }));
  await worker.leave();
  const call = pair.client.call("add", [1, 2]).catch(code);
  await pair.client.ping();
  expect(served.waiting).toBe(1);
  await served.drain(1);
  await pair.server.close({ drainMs: 0 });
  expect(await call).toBe("UNAVAILABLE");
});
