import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeUtf8 } from "../../bytes/text.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { ClientSession } from "./client-session.ts";
import { trustRpcSettings } from "./options.ts";

const session = (chat?: string) =>
  new ClientSession(trustRpcSettings(chat === undefined ? {} : { chat }));

test("names calls by UUIDs of version 4, as the original does", () => {
  const calling = session();
  const ids = Array.from({ length: 200 }, () => calling.nextCallId());
  expect(new Set(ids).size).toBe(200);
  for (const id of ids) {
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
});

test("lets answers fall that are to nobody's call", () => {
  for (const text of ["{}", '{"id": null, "error": "x"}', '{"id": 7, "result": 1}']) {
    expect(session().decode(encodeUtf8(text))).toEqual([]);
  }
});

test("takes a missing result for nothing, and an error of any other form for an error", () => {
  const decode = (rest: object) =>
    session().decode(encodeUtf8(JSON.stringify({ id: "a", ...rest })))[0];
  expect(decode({})).toEqual({ kind: "result", id: "a", value: null });
  for (const error of [null, false, 0, "", [], {}]) {
    expect(decode({ result: 1, error })).toMatchObject({ kind: "result", value: 1 });
  }
  expect(decode({ error: { code: 7 } })).toMatchObject({
    ...{ kind: "error", failure: { code: "UNKNOWN", details: { code: 7 } } },
  });
});

test("breaks off with a server that sends no responses", () => {
  for (const text of ["", "hello", "[]", "1", "null"]) {
    expect(() => session().decode(encodeUtf8(text))).toThrow(
      expect.objectContaining({ code: "PROTOCOL_VIOLATION" }),
    );
  }
});

test("gives a code to any bytes that it does not understand", () => {
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 50 }), fc.json().map(encodeUtf8));
  fc.assert(
    fc.property(bytes, fc.constantFrom(undefined, "chat"), (frame, chat) => {
      try {
        expect(session(chat).decode(frame).length).toBeLessThan(2);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(SealwireError);
      }
    }),
    { numRuns: 1_000 },
  );
});
