import { expect, it } from "vitest";
import type { CallOptions } from "../core/engine/call-options.ts";
import { SealwireError } from "../core/model/errors.ts";
import { Answerer, type AnsweringClient } from "./answerer.ts";
import type { Answer, Numbered, Question } from "./thread-messages.ts";

/** An answerer whose client answers calls with what `call` gives; and what it has answered. */
function answering(call: (procedure: string, options: CallOptions) => unknown) {
  const answers: Numbered<Answer>[] = [];
  const said: string[] = [];
  const client: AnsweringClient = {
    call: async (procedure, _args, options = {}) => call(procedure, options),
    emit: async (name) => void said.push(name),
    ping: async () => 3,
    close: async () => void said.push("closed"),
  };
  const answerer = new Answerer({
    connect: async () => client,
    handedOver: async () => void said.push("handed over"),
    answer: (answer) => void answers.push(structuredClone(answer)),
    sign: () => void said.push("sign"),
  });
  return { answerer, answers, said };
}

const OPEN: Numbered<Question> = { kind: "open", address: "tcp://x:1", options: {}, id: 1 };
const call = (id: number): Numbered<Question> => ({
  ...{ kind: "call", id, procedure: "p", args: [], options: {} },
});

async function* letters(ended: () => void) {
  try {
    yield* ["a", "b"];
  } finally {
    ended();
  }
}

it("answers each question under its number", async () => {
  const { answerer, answers, said } = answering(() => "value");
  await answerer.receive(OPEN);
  await answerer.receive(call(2));
  await answerer.receive({ kind: "emit", name: "news", data: 1, id: 3 });
  await answerer.receive({ kind: "ping", options: {}, id: 4 });
  await answerer.receive({ kind: "probe" });
  await answerer.receive({ kind: "close", id: 5 });
  expect(answers).toEqual([
    { id: 1, kind: "value", value: undefined },
    { id: 2, kind: "value", value: "value" },
    { id: 3, kind: "value", value: undefined },
    { id: 4, kind: "value", value: 3 },
    { id: 5, kind: "value", value: undefined },
  ]);
  expect(said).toEqual(["news", "handed over", "sign", "closed"]);
});

it("answers with the failure, of values too that no thread can hand over", async () => {
  const { answerer, answers } = answering(() => {
    if (answers.length === 1) throw new SealwireError("CONFLICT", "taken", { details: 1 });
    return () => "a function";
  });
  await answerer.receive(OPEN);
  await answerer.receive(call(2));
  await answerer.receive(call(3));
  expect(answers.slice(1)).toEqual([
    { id: 2, kind: "failed", failure: { code: "CONFLICT", message: "taken", details: 1 } },
    { id: 3, kind: "failed", failure: expect.objectContaining({ code: "UNSUPPORTED" }) },
  ]);
});

it("refuses calls before there is a connection", async () => {
  const { answerer, answers } = answering(() => 0);
  await answerer.receive(call(1));
  expect(answers).toEqual([
    { id: 1, kind: "failed", failure: expect.objectContaining({ code: "UNAVAILABLE" }) },
  ]);
});

it("fetches one item of a stream for each question, and ends it", async () => {
  const { answerer, answers } = answering(() => letters(() => {}));
  await answerer.receive(OPEN);
  await answerer.receive(call(2));
  await answerer.receive({ kind: "next", stream: 2, id: 3 });
  await answerer.receive({ kind: "next", stream: 2, id: 4 });
  await answerer.receive({ kind: "next", stream: 2, id: 5 });
  await answerer.receive({ kind: "next", stream: 2, id: 6 });
  expect(answers.slice(1)).toEqual([
    { id: 2, kind: "stream", stream: 2 },
    { id: 3, kind: "value", value: "a" },
    { id: 4, kind: "value", value: "b" },
    { id: 5, kind: "end" },
    { id: 6, kind: "end" },
  ]);
});

it("leaves a stream that nobody reads any more", async () => {
  await new Promise<void>((ended) => {
    const { answerer } = answering(() => letters(ended));
    const steps: readonly Parameters<typeof answerer.receive>[0][] = [
      ...[OPEN, call(2), { kind: "next", stream: 2, id: 3 } as const],
      { kind: "leave", stream: 2 },
    ];
    steps.reduce((done, step) => done.then(() => answerer.receive(step)), Promise.resolve());
  });
});

it("holds at most 256 streams that nobody reads", async () => {
  const { answerer, answers } = answering(() => letters(() => {}));
  await answerer.receive(OPEN);
  await Promise.all(Array.from({ length: 257 }, (_, i) => answerer.receive(call(i + 2))));
  expect(answers.filter(({ kind }) => kind === "stream")).toHaveLength(256);
  expect(answers.at(-1)).toMatchObject({ kind: "failed", failure: { code: "RATE_LIMITED" } });
});

it("cancels the call that nobody waits for any more", async () => {
  const { answerer, answers } = answering(
    (_, { signal }) =>
      new Promise((_resolve, reject) =>
        signal?.addEventListener("abort", () => reject(new SealwireError("CANCELLED", "no more"))),
      ),
  );
  await answerer.receive(OPEN);
  const running = answerer.receive(call(2));
  await answerer.receive({ kind: "cancel", id: 2 });
  await running;
  expect(answers.at(-1)).toMatchObject({ id: 2, failure: { code: "CANCELLED" } });
});

it("leaves the stream that a call has become just when nobody waited any more", async () => {
  const { answerer, answers } = answering(() => letters(() => {}));
  await answerer.receive(OPEN);
  await answerer.receive(call(2));
  await answerer.receive({ kind: "cancel", id: 2 });
  await answerer.receive({ kind: "next", stream: 2, id: 3 });
  expect(answers.at(-1)).toEqual({ kind: "end", id: 3 });
});
