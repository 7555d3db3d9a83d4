import fc from "fast-check";
import { expect, it } from "vitest";
import { OrderedAnswers } from "./ordered-answers.ts";

const frame = (id: number): Uint8Array => Uint8Array.of(id);

it("lets an answer leave at once when none before it is missing", () => {
  const answers = new OrderedAnswers();
  expect(answers.answer(answers.open(), frame(1))).toEqual([frame(1)]);
  expect(answers.held).toBe(0);
});

it("holds an answer back until those before it have left", () => {
  const answers = new OrderedAnswers();
  const [first, second, third] = [answers.open(), answers.open(), answers.open()];
  expect(answers.answer(third, frame(third))).toEqual([]);
  expect(answers.answer(first, frame(first))).toEqual([frame(first)]);
  expect(answers.held).toBe(2);
  expect(answers.answer(second, frame(second))).toEqual([frame(second), frame(third)]);
  expect(answers.held).toBe(0);
});

it("keeps the order of the requests whatever the order of the answers", () => {
  const orders = fc
    .uniqueArray(fc.nat(200), { minLength: 1 })
    .map((keys) => [...keys.keys()].sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0)));
  fc.assert(
    fc.property(orders, (order) => {
      const answers = new OrderedAnswers();
      const ids = order.map(() => answers.open());
      const left = order.flatMap((at) => answers.answer(ids[at] ?? 0, frame(ids[at] ?? 0)));
      expect(left).toEqual(ids.map(frame));
      expect(answers.held).toBe(0);
    }),
  );
});
