import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeUtf8 } from "../../bytes/text.ts";
import { pythonJson } from "../../codecs/python-json.ts";
import { type Message, NO_ARGUMENTS } from "../../core/model/message.ts";
import { AskingSession } from "./asking-session.ts";

function asked(...procedures: readonly string[]): AskingSession {
  const session = new AskingSession(pythonJson(), "geheim");
  session.encode(
    procedures.map((procedure) => ({
      kind: "call",
      id: session.nextCallId(),
      procedure,
      args: NO_ARGUMENTS,
    })),
  );
  return session;
}

function answer(session: AskingSession, text: string): readonly Message[] {
  return session.decode(encodeUtf8(text));
}

describe("answers", () => {
  it("belong to the calls in their order", () => {
    const session = asked("one", "two");
    expect(answer(session, '{"status":"ok","result":1}')).toEqual([
      { kind: "result", id: 1, value: 1 },
    ]);
    expect(answer(session, '{"error":"x","status":"error"}')).toEqual([
      { kind: "error", id: 2, failure: { code: "INTERNAL", message: "x" } },
    ]);
  });

  it("with NaN and large integers keep their numbers", () => {
    const session = asked("one");
    const [message] = answer(session, '{"status": "ok", "result": [NaN, -Infinity, 1e3, 2E400]}');
    expect(message).toMatchObject({ value: [Number.NaN, -Infinity, 1000, Infinity] });
  });

  it("of an unknown function are NOT_FOUND only if it was the called one", () => {
    const text = '{"status": "error", "error": "Funktion inner nicht gefunden"}';
    expect(answer(asked("inner"), text)).toMatchObject([{ failure: { code: "NOT_FOUND" } }]);
    expect(answer(asked("outer"), text)).toMatchObject([{ failure: { code: "INTERNAL" } }]);
  });

  it.each([
    ["", "Expecting value: line 1 column 1 (char 0)"],
    ["[]", "the server's answer is no object; is it a server of this wire?"],
    ['{"status": "ok"}', "the server's answer has no result; is it a server of this wire?"],
    ['{"status": "error"}', "the server's answer has neither the status ok nor an error"],
    [
      '{"status": "error", "error": 5}',
      "the server's answer has neither the status ok nor an error",
    ],
    ["{}", "the server's answer has neither the status ok nor an error"],
  ])("that are %j fail their own call alone", (text, words) => {
    const session = asked("one", "two");
    expect(answer(session, text)).toEqual([
      {
        kind: "error",
        id: 1,
        failure: expect.objectContaining({
          code: "PROTOCOL_VIOLATION",
          message: expect.stringContaining(words),
        }),
      },
    ]);
    expect(answer(session, '{"status": "ok", "result": null}')).toMatchObject([
      { id: 2, value: null },
    ]);
  });

  it("that nobody asked for end the connection", () => {
    expect(() => answer(asked(), '{"status": "ok", "result": 1}')).toThrow(/nobody asked/);
  });

  it("that are garbage settle their call once", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(asked("one").decode(bytes)).toMatchObject([{ kind: "error", id: 1 }]);
      }),
    );
  });
});
