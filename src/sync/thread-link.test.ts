import { MessageChannel, Worker } from "node:worker_threads";
import { afterEach, expect, it } from "vitest";
import { ThreadLink } from "./thread-link.ts";
import { CELLS } from "./thread-messages.ts";

const threads: Worker[] = [];
afterEach(async () => {
  await Promise.all(threads.splice(0).map((thread) => thread.terminate()));
});

/** A link to a thread that does this with each question: `said`, `answer(…)`, `sign()`. */
function linkTo(onMessage: string, patience = { probeMs: 20, probes: 5 }): ThreadLink {
  const { port1, port2 } = new MessageChannel();
  const cells = new Int32Array(new SharedArrayBuffer(4 * CELLS));
  const code = `
    const { port, cells } = require("node:worker_threads").workerData;
    const wake = () => { Atomics.add(cells, 0, 1); Atomics.notify(cells, 0); };
    const answer = (message) => { port.postMessage(message); wake(); };
    const sign = () => Atomics.add(cells, 1, 1);
    process.once("exit", () => { Atomics.store(cells, 2, 1); wake(); });
    const heard = [];
    port.on("message", (said) => { heard.push(said.kind); ${onMessage} });`;
  const workerData = { port: port2, cells };
  threads.push(new Worker(code, { eval: true, workerData, transferList: [port2] }));
  return new ThreadLink({ port: port1, cells }, patience);
}

const PING = { kind: "ping", options: {} } as const;
const ECHO = 'if (said.id) answer({ kind: "value", value: said.data, id: said.id });';

const PATIENT = { probeMs: 100, probes: 100 };

it("waits for the answer of its question", () => {
  const link = linkTo(ECHO, PATIENT);
  const answer = link.ask({ kind: "emit", name: "x", data: new Map([[1, [2n]]]) }, 9_000);
  expect(answer).toMatchObject({ kind: "value", value: new Map([[1, [2n]]]) });
});

it("throws what failed on the other thread, with code, message and details", () => {
  const link = linkTo(
    `answer({ kind: "failed", id: said.id, failure:
      { code: "CONFLICT", message: "taken", details: { by: "ann" } } })`,
    PATIENT,
  );
  expect(() => link.ask(PING, 9_000)).toThrow(
    expect.objectContaining({ code: "CONFLICT", message: "taken", details: { by: "ann" } }),
  );
});

it("gives up after its limit, says so to the thread, and drops the late answer", () => {
  const link = linkTo(
    `if (said.kind === "ping") globalThis.first = said.id;
     if (said.kind === "emit") {
       answer({ kind: "value", value: "late", id: first });
       answer({ kind: "value", value: heard.filter((kind) => kind !== "probe"), id: said.id });
     }`,
    PATIENT,
  );
  expect(() => link.ask(PING, 5)).toThrow(expect.objectContaining({ code: "DEADLINE_EXCEEDED" }));
  expect(link.ask({ kind: "emit", name: "x", data: 0 }, 9_000)).toMatchObject({
    value: ["ping", "cancel", "emit"],
  });
});

it("notices at once that the thread has ended", () => {
  const link = linkTo("process.exit(3)", PATIENT);
  const ended = expect.objectContaining({ code: "UNAVAILABLE" });
  expect(() => link.ask(PING, 600_000)).toThrow(ended);
  expect(() => link.ask(PING, 600_000)).toThrow(ended);
});

it("takes the last answer of a thread that has ended meanwhile", () => {
  const link = linkTo(`${ECHO} process.exit()`, PATIENT);
  expect(link.ask({ kind: "emit", name: "x", data: 7 }, 9_000)).toMatchObject({ value: 7 });
});

it("takes a thread for dead that gives no sign of life", () => {
  const link = linkTo("for (;;);");
  const dead = expect.objectContaining({ code: "UNAVAILABLE" });
  expect(() => link.ask(PING, Number.POSITIVE_INFINITY)).toThrow(dead);
});

it("goes on waiting for a thread that is busy and lives", () => {
  const link = linkTo(
    `if (said.kind === "probe") sign();
     if (heard.length === 30) answer({ kind: "value", value: "at last", id: 1 });`,
    { probeMs: 100, probes: 20 },
  );
  expect(link.ask(PING, Number.POSITIVE_INFINITY)).toMatchObject({ value: "at last" });
});

it("refuses values that cannot go to another thread, and can be asked again", () => {
  const link = linkTo(ECHO, PATIENT);
  expect(() => link.ask({ kind: "emit", name: "x", data: () => 0 }, 9_000)).toThrow(
    expect.objectContaining({ code: "INVALID_ARGUMENT" }),
  );
  expect(link.ask({ kind: "emit", name: "x", data: 1 }, 9_000)).toMatchObject({ value: 1 });
});
