import { describe, expect, it } from "vitest";
import { encodeUtf8 } from "../../bytes/text.ts";
import { pythonJson } from "../../codecs/python-json.ts";
import type { Message } from "../../core/model/message.ts";
import { nodeBox } from "../../crypto/providers/node-box.node.ts";
import { randomBytes } from "../../crypto/random.ts";
import { CallingSession } from "./calling-session.ts";
import { openRecord, sealingWith, sealRecord } from "./record.ts";

const crypto = nodeBox();
const sealing = sealingWith(crypto);
const boxKey = randomBytes(32);

describe("a client believes", () => {
  it("no result that came unsealed, which anybody on the way can write", () => {
    const session = calling();
    const forged = encodeUtf8('{"status": "ok", "result": "you won"}');
    expect(() => session.decode(forged)).toThrow("a reply that is no error came unsealed");
  });

  it("an error that came unsealed, as one that nobody has proven", () => {
    const session = calling();
    const [answer] = session.decode(encodeUtf8('{"status": "error", "error": "böse"}'));
    const failure = { code: "INTERNAL", message: "böse", details: { unproven: true } };
    expect(answer).toEqual({ kind: "error", id: 1, failure });
  });

  it("an error that came sealed, also without a reason", () => {
    const session = calling();
    expect(session.decode(sealed('{"status": "error", "error": "x"}'))).toEqual([
      { kind: "error", id: 1, failure: { code: "INTERNAL", message: "x" } },
    ]);
    session.encode([call(2)]);
    expect(session.decode(encodeUtf8('{"status": "error"}'))).toMatchObject([
      { failure: { message: "the server gave no reason" } },
    ]);
  });

  it.each([
    ["Ungültiger API-Key", "UNAUTHENTICATED"],
    ["Funktion a b nicht gefunden", "NOT_FOUND"],
    ["Funktion", "INTERNAL"],
  ])("that %j means %s", (error, code) => {
    const [answer] = calling().decode(encodeUtf8(JSON.stringify({ status: "error", error })));
    expect(answer).toMatchObject({ kind: "error", failure: { code, message: error } });
  });
});

describe("a client gives the connection up", () => {
  it("when a reply does not open", () => {
    const frame = sealRecord(sealing, randomBytes(32), encodeUtf8("{}"));
    expect(() => calling().decode(frame)).toThrow("a reply does not open");
  });

  it("when a reply comes a second time", () => {
    const session = calling();
    session.encode([call(2)]);
    const frame = sealed('{"status": "ok", "result": 1}');
    expect(session.decode(frame)).toEqual([{ kind: "result", id: 1, value: 1 }]);
    expect(() => session.decode(frame)).toThrow("a second time");
  });

  it("when its own request comes back to it", () => {
    const session = calling();
    const [envelope = new Uint8Array(0)] = session.encode([call(2)]);
    const { cipher } = JSON.parse(new TextDecoder().decode(envelope));
    expect(() => session.decode(encodeUtf8(cipher))).toThrow("neither a result nor an error");
  });

  it("when a reply comes that nobody waits for, or an event that nobody asked for", () => {
    const session = calling();
    session.decode(sealed('{"status": "ok", "result": 1}'));
    expect(() => session.decode(sealed('{"status": "ok", "result": 2}'))).toThrow(
      "no call is open",
    );
    const event = sealed('{"type": "SHARED_UPDATE", "name": "a", "value": 1}');
    expect(() => session.decode(event)).toThrow("nobody asked for");
  });

  it("when the server has other keys than at the greeting, to greet it anew", () => {
    const text = '{"status": "error", "error": "An error occurred trying to decrypt the message"}';
    expect(() => calling().decode(encodeUtf8(text))).toThrow(
      expect.objectContaining({ code: "UNAVAILABLE" }),
    );
  });

  it("when a server that names its calls says something to none of them", () => {
    const session = calling({ ids: true });
    const plain = encodeUtf8('{"status": "error", "error": "x"}');
    expect(() => session.decode(plain)).toThrow("to no call in particular: x");
    expect(() => session.decode(sealed('{"status": "ok", "result": 1}'))).toThrow("names no call");
  });
});

describe("replies that name their call", () => {
  it("are given to it in whatever order they come, errors with their code and details", () => {
    const session = calling({ ids: true });
    session.encode([call(2)]);
    const error = '{"status": "error", "error": "x", "code": "CONFLICT", "details": 5, "id": 2}';
    expect(session.decode(sealed(error))).toEqual([
      { kind: "error", id: 2, failure: { code: "CONFLICT", message: "x", details: 5 } },
    ]);
    expect(session.decode(sealed('{"status": "ok", "result": 1, "id": 1}'))).toEqual([
      { kind: "result", id: 1, value: 1 },
    ]);
  });

  it("may have a code of later times", () => {
    const error = '{"status": "error", "error": "x", "code": "NEW", "id": 1}';
    const [answer] = calling({ ids: true }).decode(sealed(error));
    expect(answer).toMatchObject({ failure: { code: "UNKNOWN" } });
  });
});

describe("what a client says", () => {
  it("has the API key, the names and the id of the call inside the box alone", () => {
    const session = calling({ ids: true, apiKey: "geheim" });
    const [envelope = new Uint8Array(0)] = session.encode([call(7)]);
    const text = new TextDecoder().decode(envelope);
    expect(text).not.toMatch(/geheim|add/);
    const record = Uint8Array.from(atob(JSON.parse(text).cipher), (letter) => letter.charCodeAt(0));
    expect(new TextDecoder().decode(openRecord(crypto, boxKey, record))).toBe(
      '{"api_key": "geheim", "func": "add", "args": [1, 2], "kwargs": {}, "id": 7}',
    );
  });

  it("is refused before anything has changed when it is too large or no call", () => {
    const session = calling({ maxFrameBytes: 400 });
    const args = { positional: ["x".repeat(400)], named: {} };
    const large: Message = { kind: "call", id: 3, procedure: "echo", args };
    expect(() => session.encode([call(2), large])).toThrow(
      expect.objectContaining({ code: "TOO_LARGE" }),
    );
    expect(() => session.encode([{ kind: "event", name: "up", data: 1 }])).toThrow(
      expect.objectContaining({ code: "UNSUPPORTED" }),
    );
    expect(session.decode(sealed('{"status": "ok", "result": 1}'))).toHaveLength(1);
    expect(() => session.decode(sealed('{"status": "ok", "result": 1}'))).toThrow(
      "no call is open",
    );
  });
});

/** A session with one call open, whose id is 1. */
function calling(
  own: { readonly ids?: boolean; readonly apiKey?: string; readonly maxFrameBytes?: number } = {},
): CallingSession {
  const { ids = false, apiKey, maxFrameBytes = 10_000 } = own;
  const keys = { boxKey, ownKey: "A".repeat(43), apiKey };
  const json = pythonJson();
  const given = { json, sealing, ids, push: false, replayWindow: 100, maxFrameBytes };
  const session = new CallingSession({ ...keys, ...given });
  session.encode([call(1)]);
  return session;
}

function call(id: number): Message {
  return { kind: "call", id, procedure: "add", args: { positional: [1, 2], named: {} } };
}

function sealed(text: string): Uint8Array {
  return sealRecord(sealing, boxKey, encodeUtf8(text));
}
