import fc from "fast-check";
import { expect, it } from "vitest";
import { BrokerWorld, type Tracked } from "../../../test/features/broker-world.ts";
import { UNSENT } from "../../core/engine/outgoing-call.ts";
import { SealwireError } from "../../core/model/errors.ts";

const turns = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

const code = (tracked: Tracked): unknown => SealwireError.from(tracked.outcome).code;

it("gives calls to the worker that has least to do", () => {
  const world = new BrokerWorld();
  const [one, two] = [world.join(), world.join()];
  for (let i = 0; i < 4; i++) world.call("once");
  expect([one.runs.length, two.runs.length]).toEqual([2, 2]);
});

it("keeps what no worker can take, and gives it out in order", async () => {
  const world = new BrokerWorld({}, 1);
  const [first, second] = [world.call("once"), world.call("again")];
  const worker = world.join();
  expect(worker.runs.map(({ tracked }) => tracked)).toEqual([first]);
  worker.runs.shift()?.finish();
  await turns();
  expect(worker.runs.map(({ tracked }) => tracked)).toEqual([second]);
});

it("gives an idempotent call of a lost worker to another, first in line", async () => {
  const world = new BrokerWorld({}, 1);
  const [lost, other] = [world.join(), world.join()];
  const call = world.call("again");
  const [busy, waiting] = [world.call("once"), world.call("once")];
  world.kill(lost);
  await turns();
  expect([busy.begun, waiting.begun]).toEqual([1, 0]);
  other.runs.shift()?.finish();
  await turns();
  expect(other.runs[0]?.tracked).toBe(call);
  expect(call.begun).toBe(2);
});

it("fails any other call of a lost worker, and says that nobody knows what was done", async () => {
  const world = new BrokerWorld();
  const lost = world.join();
  world.join();
  const call = world.call("once");
  world.kill(lost);
  await turns();
  expect(call).toMatchObject({ begun: 1, settled: 1, outcome: { details: { attempts: 1 } } });
  expect(code(call)).toBe("UNAVAILABLE");
});

it("gives what a lost worker never heard of to another, idempotent or not", async () => {
  const world = new BrokerWorld();
  const lost = world.join();
  const call = world.call("once");
  const other = world.join();
  world.kill(lost, UNSENT);
  await turns();
  expect(other.runs[0]?.tracked).toBe(call);
});

it("stops giving a call to workers that it may be killing", async () => {
  const world = new BrokerWorld({ attempts: 3 });
  const call = world.call("again");
  for (const _ of [1, 2, 3]) {
    world.kill(world.join());
    await turns();
  }
  expect(call).toMatchObject({ begun: 3, settled: 1, outcome: { details: { attempts: 3 } } });
});

it("takes UNAVAILABLE of a worker that is there for an answer", async () => {
  const world = new BrokerWorld();
  const [worker] = [world.join(), world.join()];
  const call = world.call("again");
  worker?.runs[0]?.finish(new SealwireError("UNAVAILABLE", "the printer is out"));
  await turns();
  expect(call).toMatchObject({ begun: 1, settled: 1, outcome: { message: "the printer is out" } });
});

it("bounds the line and the time in it", async () => {
  const world = new BrokerWorld({ maxQueue: 1, queueTimeoutMs: 100 });
  const [waiting, refused] = [world.call("once"), world.call("once")];
  await turns();
  expect(code(refused)).toBe("RATE_LIMITED");
  await world.clock.advance(100);
  await turns();
  expect(code(waiting)).toBe("UNAVAILABLE");
  expect(world.dispatcher.waiting).toBe(0);
});

it("lets a worker that leaves end its calls, and gives it no more", async () => {
  const world = new BrokerWorld({}, 1);
  const worker = world.join();
  const running = world.call("once");
  const left = world.dispatcher.leave(worker.peer);
  const waiting = world.call("once");
  worker.runs.shift()?.finish();
  await left;
  await turns();
  expect([running.settled, waiting.begun]).toEqual([1, 0]);
});

it("ends when all have settled, and takes no more", async () => {
  const world = new BrokerWorld();
  const worker = world.join();
  const running = world.call("once");
  const drained = world.dispatcher.drain();
  const refused = world.call("once");
  worker.runs[0]?.finish();
  await drained;
  await turns();
  expect([running.settled, code(refused)]).toEqual([1, "UNAVAILABLE"]);
});

const happening = fc.tuple(
  fc.constantFrom("call", "call", "call", "answer", "answer", "kill", "unsent", "join", "cancel"),
  fc.nat(1_000),
);

it("settles every call exactly once, whatever becomes of workers and callers", async () => {
  const property = fc.asyncProperty(fc.array(happening, { maxLength: 150 }), async (happenings) => {
    const world = new BrokerWorld({ maxQueue: 20, queueTimeoutMs: 1_000, attempts: 3 });
    for (const [what, seed] of happenings) {
      happen(world, what, seed);
      if (seed % 3 === 0) await turns();
      for (const { runs } of world.workers) expect(runs.length).toBeLessThanOrEqual(2);
    }
    await turns();
    for (const worker of [...world.workers]) world.kill(worker);
    await turns();
    await world.clock.advance(1_000);
    await turns();
    for (const { settled, begun, unsent, call } of world.calls) {
      expect(settled).toBe(1);
      if (call.procedure === "once") expect(begun - unsent).toBeLessThanOrEqual(1);
    }
    expect([world.dispatcher.open, world.dispatcher.waiting]).toEqual([0, 0]);
  });
  await fc.assert(property, { numRuns: 300 });
});

function happen(world: BrokerWorld, what: string, seed: number): void {
  const worker = world.workers[seed % Math.max(1, world.workers.length)];
  if (what === "call") world.call(seed % 2 === 0 ? "once" : "again");
  if (what === "join" && world.workers.length < 4) world.join();
  if (what === "cancel") world.calls[seed % Math.max(1, world.calls.length)]?.cancel();
  if (!worker) return;
  if (what === "kill") world.kill(worker);
  if (what === "unsent") world.kill(worker, UNSENT);
  if (what === "answer") worker.runs.shift()?.finish();
}
