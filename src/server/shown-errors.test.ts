import { beforeEach, describe, expect, test } from "vitest";
import { type LogLine, logInto } from "../../test/simulated/world.ts";
import type { Call } from "../core/model/call.ts";
import { SealwireError } from "../core/model/errors.ts";
import { NO_ARGUMENTS } from "../core/model/message.ts";
import { showErrors } from "./shown-errors.ts";

class InsufficientFunds extends Error {}
class Renamed extends Error {
  override readonly name = "NamedByItself";
}

const CALL = { procedure: "pay", args: NO_ARGUMENTS } as Call;
let log: LogLine[];

beforeEach(() => {
  log = [];
});

/** What the caller is told when a handler throws this, at once and later. */
async function told(thrown: unknown): Promise<readonly SealwireError[]> {
  const atOnce = () => {
    throw thrown;
  };
  const ways = [atOnce, () => Promise.reject(thrown)];
  const outcomes = await Promise.allSettled(
    ways.map(async (run) => showErrors(logInto(log), CALL, run)),
  );
  return outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
}

describe("what a handler throws", () => {
  test.each([
    [new TypeError("no such account"), "TypeError", "no such account"],
    [new InsufficientFunds("12 missing"), "InsufficientFunds", "12 missing"],
    [new Renamed("own"), "NamedByItself", "own"],
    [new Error("plain"), "Error", "plain"],
    ["a text", "Error", "a text"],
    [undefined, "Error", "undefined"],
  ])("shows text and class: %s", async (thrown, type, message) => {
    const errors = await told(thrown);
    expect(errors.map((error) => error.toFailure())).toEqual(
      Array(2).fill({ code: "INTERNAL", message, type }),
    );
  });

  test("shows no stack and no cause, which go to the log", async () => {
    const thrown = new TypeError("seen", { cause: new Error("hidden cause") });
    const travelling = JSON.stringify((await told(thrown)).map((error) => error.toFailure()));
    expect(travelling).not.toContain("shown-errors.test");
    expect(travelling).not.toContain("hidden cause");
    expect(log.map(({ level, fields }) => [level, fields["err"], fields["procedure"]])).toEqual(
      Array(2).fill(["error", thrown, "pay"]),
    );
  });

  test("travels as it is when it is Sealwire's own, and is no fault for the log", async () => {
    const own = new SealwireError("CONFLICT", "version 3 is older", { details: { version: 4 } });
    expect(await told(own)).toEqual([own, own]);
    expect(log).toEqual([]);
  });

  test("is still only a failure when it cannot even be put into words", async () => {
    const [first] = await told(Object.create(null));
    expect(first).toBeInstanceOf(Error);
  });
});

test("what a handler answers is not touched", async () => {
  const value = { a: 1 };
  expect(showErrors(logInto(log), CALL, () => value)).toBe(value);
  expect(await showErrors(logInto(log), CALL, async () => value)).toBe(value);
});
