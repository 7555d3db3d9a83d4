import fc from "fast-check";
import { expect, it } from "vitest";
import { UNSENT } from "../../core/engine/outgoing-call.ts";
import { NO_ITEMS } from "../../core/engine/streams.ts";
import type { Call } from "../../core/model/call.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { NO_ARGUMENTS } from "../../core/model/message.ts";
import type { Peer } from "../../core/model/peer.ts";
import { manualClock } from "../../testing/manual-clock.ts";
import { Dispatcher } from "./dispatcher.ts";
import { type Offer, readOffer } from "./offer.ts";
import { type BrokerOptions, brokerConfig } from "./options.ts";

const OFFERED = [{ name: "once" }, { name: "again", idempotent: true }];

/** A call as it arrives, and how often it has settled and begun. */
interface Tracked {
  readonly call: Call;
  readonly cancel: () => void;
  settled: number;
  begun: number;
  /** Of those, how often the worker heard nothing of it. */
  unsent: number;
  outcome: unknown;
}

/** A worker that does nothing by itself. */
interface Fake {
  readonly peer: Peer & { ending: boolean };
  readonly runs: { readonly tracked: Tracked; finish(error?: SealwireError): void }[];
}

/** A dispatcher whose workers and whose time are in the hand of the test. */
class World {
  readonly clock = manualClock();
  readonly dispatcher: Dispatcher;
  readonly workers: Fake[] = [];
  readonly calls: Tracked[] = [];
  readonly offer: Offer;
  #names = 0;

  constructor(options: BrokerOptions = {}, concurrency = 2) {
    const config = brokerConfig({ clock: this.clock, ...options });
    this.offer = readOffer({ concurrency, procedures: OFFERED });
    this.dispatcher = new Dispatcher(config, (peer, call) => this.#send(peer, call));
    for (const procedure of this.offer.procedures.values()) this.dispatcher.service(procedure);
  }

  join(): Fake {
    this.#names += 1;
    const peer = { id: `w${this.#names}`, remote: "", dialect: "", ending: false };
    const fake: Fake = { peer, runs: [] };
    this.workers.push(fake);
    this.dispatcher.join(peer, this.offer);
    return fake;
  }

  call(procedure: string): Tracked {
    const controller = new AbortController();
    const { signal } = controller;
    const peer = { id: "c", remote: "", dialect: "" };
    const call = { procedure, signal, peer, args: NO_ARGUMENTS, input: NO_ITEMS, meta: {} };
    const cancel = () => controller.abort(new SealwireError("CANCELLED", "by the test"));
    const tracked: Tracked = { call, cancel, settled: 0, begun: 0, unsent: 0, outcome: undefined };
    this.calls.push(tracked);
    const service = this.dispatcher.find(procedure);
    if (!service) throw new Error(`no service ${procedure}`);
    const settle = (outcome: unknown) => {
      tracked.settled += 1;
      tracked.outcome = outcome;
    };
    this.dispatcher.run(service, call).then(settle, settle);
    return tracked;
  }

  /** As a connection ends: what runs fails, then the end is told. */
  kill(fake: Fake, type?: string): void {
    fake.peer.ending = true;
    this.workers.splice(this.workers.indexOf(fake), 1);
    const error = new SealwireError("UNAVAILABLE", "gone", type === undefined ? {} : { type });
    for (const run of fake.runs.splice(0)) {
      if (type === UNSENT) run.tracked.unsent += 1;
      run.finish(error);
    }
    this.dispatcher.lost(fake.peer);
  }

  #send(peer: Peer, call: Call): Promise<unknown> {
    const fake = this.workers.find((each) => each.peer === peer);
    const tracked = this.calls.find((each) => each.call === call);
    if (!fake || !tracked) throw new SealwireError("UNAVAILABLE", "not connected");
    tracked.begun += 1;
    return new Promise((resolve, reject) => {
      const run = {
        tracked,
        finish: (error?: SealwireError) => (error ? reject(error) : resolve(peer.id)),
      };
      fake.runs.push(run);
      call.signal.addEventListener("abort", () => {
        const at = fake.runs.indexOf(run);
        if (at >= 0) fake.runs.splice(at, 1);
        reject(call.signal.reason);
      });
    });
  }
}

const turns = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

const code = (tracked: Tracked): unknown => SealwireError.from(tracked.outcome).code;

it("gives calls to the worker that has least to do", () => {
  const world = new World();
  const [one, two] = [world.join(), world.join()];
  for (let i = 0; i < 4; i++) world.call("once");
  expect([one.runs.length, two.runs.length]).toEqual([2, 2]);
});

it("keeps what no worker can take, and gives it out in order", async () => {
  const world = new World({}, 1);
  const [first, second] = [world.call("once"), world.call("again")];
  const worker = world.join();
  expect(worker.runs.map(({ tracked }) => tracked)).toEqual([first]);
  worker.runs.shift()?.finish();
  await turns();
  expect(worker.runs.map(({ tracked }) => tracked)).toEqual([second]);
});

it("gives an idempotent call of a lost worker to another, first in line", async () => {
  const world = new World({}, 1);
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
  const world = new World();
  const lost = world.join();
  world.join();
  const call = world.call("once");
  world.kill(lost);
  await turns();
  expect(call).toMatchObject({ begun: 1, settled: 1, outcome: { details: { attempts: 1 } } });
  expect(code(call)).toBe("UNAVAILABLE");
});

it("gives what a lost worker never heard of to another, idempotent or not", async () => {
  const world = new World();
  const lost = world.join();
  const call = world.call("once");
  const other = world.join();
  world.kill(lost, UNSENT);
  await turns();
  expect(other.runs[0]?.tracked).toBe(call);
});

it("stops giving a call to workers that it may be killing", async () => {
  const world = new World({ attempts: 3 });
  const call = world.call("again");
  for (const _ of [1, 2, 3]) {
    world.kill(world.join());
    await turns();
  }
  expect(call).toMatchObject({ begun: 3, settled: 1, outcome: { details: { attempts: 3 } } });
});

it("takes UNAVAILABLE of a worker that is there for an answer", async () => {
  const world = new World();
  const [worker] = [world.join(), world.join()];
  const call = world.call("again");
  worker?.runs[0]?.finish(new SealwireError("UNAVAILABLE", "the printer is out"));
  await turns();
  expect(call).toMatchObject({ begun: 1, settled: 1, outcome: { message: "the printer is out" } });
});

it("bounds the line and the time in it", async () => {
  const world = new World({ maxQueue: 1, queueTimeoutMs: 100 });
  const [waiting, refused] = [world.call("once"), world.call("once")];
  await turns();
  expect(code(refused)).toBe("RATE_LIMITED");
  await world.clock.advance(100);
  await turns();
  expect(code(waiting)).toBe("UNAVAILABLE");
  expect(world.dispatcher.waiting).toBe(0);
});

it("lets a worker that leaves end its calls, and gives it no more", async () => {
  const world = new World({}, 1);
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
  const world = new World();
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
    const world = new World({ maxQueue: 20, queueTimeoutMs: 1_000, attempts: 3 });
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

function happen(world: World, what: string, seed: number): void {
  const worker = world.workers[seed % Math.max(1, world.workers.length)];
  if (what === "call") world.call(seed % 2 === 0 ? "once" : "again");
  if (what === "join" && world.workers.length < 4) world.join();
  if (what === "cancel") world.calls[seed % Math.max(1, world.calls.length)]?.cancel();
  if (!worker) return;
  if (what === "kill") world.kill(worker);
  if (what === "unsent") world.kill(worker, UNSENT);
  if (what === "answer") worker.runs.shift()?.finish();
}
