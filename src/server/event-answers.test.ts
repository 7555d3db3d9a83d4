import { beforeEach, describe, expect, test } from "vitest";
import { type LogLine, logInto, turns } from "../../test/simulated/world.ts";
import type { Connection } from "../core/engine/connection.ts";
import { EventAnswers } from "./event-answers.ts";
import type { EventReceiver } from "./events.ts";

let log: LogLine[];
let sent: (readonly [name: string, data: unknown])[];
let answers: EventAnswers;

beforeEach(() => {
  log = [];
  sent = [];
  answers = new EventAnswers(logInto(log));
});

const connection = (id: string): Connection =>
  ({
    id,
    push: (name, data) => void sent.push([name, data]),
  }) satisfies Partial<Connection> as never;
const PEER = connection("c1");

function give(name: string, data: unknown, ...receivers: readonly EventReceiver[]): void {
  answers.give(PEER, name, data, receivers);
}

/** Receivers that answer when they are told to, in the order in which they were asked. */
function slow() {
  const finish: ((answer: unknown) => void)[] = [];
  const fail: ((thrown: unknown) => void)[] = [];
  const receive: EventReceiver = () =>
    new Promise((resolve, reject) => {
      finish.push(resolve);
      fail.push(reject);
    });
  return { receive, finish, fail };
}

describe("an answer", () => {
  test("goes back as <name>_response, at once when the receiver answers at once", () => {
    give("ask", 20, (data) => Number(data) + 1);
    expect(sent).toEqual([["ask_response", 21]]);
  });

  test("is that of the last receiver, and all are told", async () => {
    const heard: unknown[] = [];
    give(
      "ask",
      1,
      (data) => heard.push(data) && "first",
      () => "last",
    );
    give(
      "ask",
      2,
      (data) => heard.push(data) && "first",
      () => undefined,
    );
    give(
      "ask",
      3,
      async (data) => heard.push(data),
      async () => "late",
    );
    await turns();
    expect(heard).toEqual([1, 2, 3]);
    expect(sent.map(([, data]) => data)).toEqual(["last", "late"]);
  });

  test.each([
    ["at once", () => undefined],
    ["later", async () => undefined],
  ])("is none where nothing is returned %s; nothing else is nothing", async (_when, receive) => {
    give("ask", 0, receive);
    await turns();
    expect(sent).toEqual([]);
    for (const value of [null, false, 0, ""]) give("ask", 0, () => value);
    await turns();
    expect(sent.map(([, data]) => data)).toEqual([null, false, 0, ""]);
  });

  test("keeps the order of the events of its name, however long receivers take", async () => {
    const { receive, finish } = slow();
    for (let i = 0; i < 3; i++) give("ask", i, receive);
    finish[2]?.("third");
    finish[1]?.("second");
    await turns();
    expect(sent).toEqual([]);
    // One that answers at once waits for its turn too.
    give("ask", 3, () => "fourth");
    finish[0]?.("first");
    await turns();
    expect(sent.map(([, data]) => data)).toEqual(["first", "second", "third", "fourth"]);
  });

  test("waits for no event of another name and of no other peer", async () => {
    const { receive } = slow();
    give("ask", 0, receive);
    give("tell", 0, () => "told");
    answers.give(connection("c2"), "ask", 0, [() => "other"]);
    expect(sent).toEqual([
      ["tell_response", "told"],
      ["ask_response", "other"],
    ]);
  });

  test("is given at once again when those before it have left", async () => {
    const { receive, finish } = slow();
    give("ask", 0, receive);
    finish[0]?.("slow");
    await turns();
    give("ask", 1, () => "quick");
    expect(sent.map(([, data]) => data)).toEqual(["slow", "quick"]);
  });
});

describe("a receiver that fails", () => {
  test.each<[string, EventReceiver]>([
    ["at once", () => raise("no")],
    ["later", async () => raise("no")],
  ])("%s is logged, gives no answer, and the next events go on", async (_when, receive) => {
    const first = slow();
    give("ask", 0, first.receive);
    give("ask", 1, receive);
    give("ask", 2, () => "next");
    first.finish[0]?.("first");
    await turns();
    expect(sent.map(([, data]) => data)).toEqual(["first", "next"]);
    expect(log).toMatchObject([
      { level: "error", fields: { connection: "c1", event: "ask", err: { message: "no" } } },
    ]);
  });

  test("does not keep the others from their answer", async () => {
    give(
      "ask",
      0,
      () => raise("no"),
      () => "still",
    );
    await turns();
    expect(sent).toEqual([["ask_response", "still"]]);
  });
});

test("only so many events of a peer wait; more fall with a line in the log, then it goes on", async () => {
  const { receive, finish } = slow();
  for (let i = 0; i < 5_000; i++) give("ask", i, receive);
  expect(finish).toHaveLength(4_096);
  expect(log).toHaveLength(5_000 - 4_096);
  expect(log[0]).toMatchObject({ level: "warn", fields: { connection: "c1", event: "ask" } });
  for (const [i, each] of finish.entries()) each(i);
  await turns();
  expect(sent.map(([, data]) => data)).toEqual(Array.from({ length: 4_096 }, (_, i) => i));
  give("ask", 0, () => "open again");
  expect(sent.at(-1)).toEqual(["ask_response", "open again"]);
});

function raise(why: string): never {
  throw new Error(why);
}
