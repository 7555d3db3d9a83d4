import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { SealwireError } from "../../src/core/model/errors.ts";
import { broker as brokerFeature } from "../../src/features/broker/broker.ts";
import { connect, createServer } from "../../src/presets/node.ts";
import { Place, type Running, type Serving } from "./program.ts";

const TASKS = fileURLToPath(new URL("./fixtures/tasks.ts", import.meta.url));

let place: Place;
let broker: Serving;
let keys: { readonly worker: string; readonly caller: string };

beforeEach(async () => {
  place = new Place();
  const added = async (...options: readonly string[]) =>
    (await place.run(["keys", "add", "keys.json", ...options])).out.trim().split("\n").at(-1) ?? "";
  keys = {
    worker: await added("--user", "w", "--scope", "worker"),
    caller: await added("--user", "ann"),
  };
  const running = place.start(["broker", "--listen", "tcp://127.0.0.1:0", "--keys", "keys.json"]);
  const url = (await running.line("listening tcp:")).slice("listening ".length);
  const fingerprint = (await running.line("fingerprint ")).slice("fingerprint ".length);
  broker = { ...running, url, fingerprint };
});
afterEach(() => place.close());

async function worker(...options: readonly string[]): Promise<Running> {
  const env = { SEALWIRE_KEY: keys.worker, RUNS: place.path("runs") };
  const pin = ["--broker", broker.url, "--pin", broker.fingerprint];
  const running = place.start(["worker", TASKS, ...pin, ...options], { env });
  await running.line("serving ");
  return running;
}

function call(...args: readonly string[]): Promise<{ readonly code: number | null; out: string }> {
  const pin = ["--pin", broker.fingerprint];
  return place.run(["call", broker.url, ...args, ...pin], { env: { SEALWIRE_KEY: keys.caller } });
}

const client = () =>
  connect(broker.url, {
    credentials: { scheme: "api-key", key: keys.caller },
    pin: broker.fingerprint,
  });

it("gives calls of the command line to workers of the command line", async () => {
  const running = await worker();
  expect(await running.line("serving ")).toBe("serving add pid fail slow spinFor");
  expect(await call("add", "2", "3")).toMatchObject({ code: 0, out: "5\n" });
  expect(await call("fail")).toMatchObject({ code: 1, out: "" });
});

it("loses no call when workers are killed: idempotent ones are answered, others told", async () => {
  const repeatable = await Promise.all([1, 2, 3].map(() => worker("--idempotent")));
  await using caller = await client();
  const calls = Array.from({ length: 120 }, (_, id) => caller.call("slow", [id, 100]));
  await caller.call("add", [1, 1]);
  repeatable[0]?.child.kill("SIGKILL");
  repeatable[1]?.child.kill("SIGKILL");
  expect(await Promise.all(calls)).toEqual(calls.map((_, id) => id));
  const begun = readFileSync(place.path("runs"), "utf8").trim().split("\n");
  expect(new Set(begun).size).toBe(120);
  expect(begun.length).toBeGreaterThan(120);
});

it("runs what is not idempotent once at most, and tells each caller", async () => {
  const [first] = await Promise.all([worker("--concurrency", "4"), worker("--concurrency", "4")]);
  await using caller = await client();
  const calls = Array.from({ length: 30 }, (_, id) =>
    caller.call("slow", [id, 200]).catch(({ code }: SealwireError) => code),
  );
  const begun = () => existsSync(place.path("runs"));
  while (!begun()) await caller.call("add", [1, 1]);
  first?.child.kill("SIGKILL");
  const answers = await Promise.all(calls);
  const failed = answers.filter((answer) => answer === "UNAVAILABLE");
  expect(answers.filter((answer, id) => answer === id || answer === "UNAVAILABLE")).toHaveLength(
    30,
  );
  expect(failed.length).toBeGreaterThan(0);
  expect(failed.length).toBeLessThanOrEqual(4);
  const lines = readFileSync(place.path("runs"), "utf8").trim().split("\n");
  expect(lines.length).toBe(new Set(lines).size);
});

it("lets running calls end when a worker is told to stop", async () => {
  const running = await worker();
  const answer = call("slow", "7", "1500");
  while (!existsSync(place.path("runs"))) await call("add", "1", "1");
  running.child.kill("SIGTERM");
  expect(await answer).toMatchObject({ code: 0, out: "7\n" });
  expect((await running.ended).code).toBe(0);
});

it("lets running calls end when the broker is told to stop", async () => {
  await worker();
  const answer = call("slow", "7", "1500");
  while (!existsSync(place.path("runs"))) await call("add", "1", "1");
  broker.child.kill("SIGTERM");
  expect(await answer).toMatchObject({ code: 0, out: "7\n" });
  expect((await broker.ended).code).toBe(0);
});

it("computes in threads, so that its broker is answered and calls run side by side", async () => {
  await worker("--threads", "2");
  await using caller = await client();
  expect(await caller.call("add", [2, 3])).toBe(5);
  const began = performance.now();
  const spinning = [1, 2].map(() => caller.call("spinFor", [400]));
  await caller.call("spinFor", [1], { timeoutMs: 5_000 });
  expect(await Promise.all(spinning)).toEqual([400, 400]);
  expect(performance.now() - began).toBeLessThan(2_000);
});

it("gives up a worker that is silent, by the heartbeat", async () => {
  const everybody = { authenticate: async () => ({ id: "w", scopes: new Set(["worker"]) }) };
  const heartbeat = { intervalMs: 300, timeoutMs: 1_500 };
  await using server = createServer({ authenticator: everybody, heartbeat });
  const installed = server.install(brokerFeature());
  const { address } = await server.listen("tcp://127.0.0.1:0");
  const pin = await server.fingerprint();
  const start = async () => {
    const args = ["worker", TASKS, "--broker", address.href, "--pin", pin, "--idempotent"];
    const running = place.start(args, { env: { SEALWIRE_TOKEN: "t", RUNS: place.path("runs") } });
    await running.line("serving ");
    return running;
  };
  const silent = await start();
  await using caller = await connect(address, { pin });
  const call = caller.call("slow", [7, 500]);
  while (!existsSync(place.path("runs"))) await caller.ping();
  silent.child.kill("SIGSTOP");
  await start();
  expect(await call).toBe(7);
  expect(installed.workers).toHaveLength(1);
});

it("says why the broker does not take a worker", async () => {
  const env = { SEALWIRE_KEY: keys.caller };
  const args = ["worker", TASKS, "--broker", broker.url, "--pin", broker.fingerprint];
  const refused = await place.run(args, { env });
  expect(refused.code).toBe(1);
  expect(refused.err).toContain("PERMISSION_DENIED: $broker.offer needs the scope worker");
});
