import { expect, test } from "vitest";
import { decodeUtf8, encodeUtf8 } from "../../bytes/text.ts";
import type { Message } from "../../core/model/message.ts";
import { trustRpcSettings } from "./options.ts";
import { ServerSession } from "./server-session.ts";

/** A session that has heard requests of `f` with the ids 0, 1, 2 … */
function asked(requests: number) {
  const session = new ServerSession({ id: "ann", scopes: new Set() }, trustRpcSettings({}));
  const calls = Array.from({ length: requests }, (_, i) =>
    session.decode(encodeUtf8(`{"id": ${i}, "method": "f"}`)),
  ).flat();
  const answer = (i: number, value: unknown = i): Message => ({
    ...{ kind: "result", id: calls[i]?.id ?? -1, value },
  });
  const say = (...batch: readonly Message[]) =>
    session.encode(batch).map((frame) => JSON.parse(decodeUtf8(frame) ?? "").id);
  return { session, answer, say };
}

test("holds answers back until those before them have left, and counts what it holds", () => {
  const { session, answer, say } = asked(4);
  expect(session.heldAnswers).toBe(4);
  expect(say(answer(2))).toEqual([]);
  expect(say(answer(3), answer(1))).toEqual([]);
  expect(session.heldAnswers).toBe(4);
  expect(say(answer(0))).toEqual([0, 1, 2, 3]);
  expect(session.heldAnswers).toBe(0);
});

test("refuses a batch with an answer that has no form before anything has changed", () => {
  const { session, answer, say } = asked(2);
  expect(() =>
    say(
      answer(0),
      answer(1, () => {}),
    ),
  ).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  expect(session.heldAnswers).toBe(2);
  expect(say(answer(0))).toEqual([0]);
  expect(say(answer(1))).toEqual([1]);
});

test("answers nothing that was not asked, and nothing twice", () => {
  const { answer, say } = asked(1);
  expect(say(answer(0))).toEqual([0]);
  for (const message of [answer(0), answer(7), { kind: "ping" } as const]) {
    expect(() => say(message)).toThrow(/nobody asked|no words/);
  }
});

test("calls nobody: on this wire only clients do", () => {
  const { session } = asked(0);
  expect(() => session.nextCallId()).toThrow(expect.objectContaining({ code: "UNSUPPORTED" }));
});
