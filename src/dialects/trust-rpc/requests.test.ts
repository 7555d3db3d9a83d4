import fc from "fast-check";
import { expect, test } from "vitest";
import { trustServer } from "../../../test/trust-rpc/raw-client.ts";
import { encodeUtf8 } from "../../bytes/text.ts";
import { pythonJson } from "../../codecs/python-json.ts";
import { parseRequest, type Request } from "./requests.ts";

const JSON_OF_PYTHON = pythonJson();
const read = (text: string, chat?: string): Request =>
  parseRequest(encodeUtf8(text), JSON_OF_PYTHON, chat);
const errorOf = (text: string): string => {
  const request = read(text);
  if (request.kind !== "refused") throw new Error(`understood: ${text}`);
  return `${request.failure.type}: ${request.failure.message}`;
};

test("reads keys in any order, and leaves out what may be left out", () => {
  const call = { kind: "call", id: "1", procedure: "f", args: { positional: [], named: {} } };
  expect(read('{"method": "f", "id": 1}')).toEqual(call);
  expect(read('{"params": {"kwargs": {}}, "id": 1, "method": "f", "type": "else"}')).toEqual(call);
  expect(read('{"method": "f"}')).toEqual({ ...call, id: "null" });
  expect(read('{"method": "f", "params": {"args": [1], "kwargs": {"a": 2}}}')).toMatchObject({
    args: { positional: [1], named: { a: 2 } },
  });
});

test("spreads arguments as Python's star does", () => {
  const positional = (args: string) => {
    const request = read(`{"method": "f", "params": {"args": ${args}}}`);
    return request.kind === "call" ? request.args.positional : request;
  };
  expect(positional('"añ🦀"')).toEqual(["a", "ñ", "🦀"]);
  expect(positional('{"x": 1, "y": 2}')).toEqual(["x", "y"]);
});

test("says what Python says of requests that are none", () => {
  const texts = {
    '{"method": "f", "params": 5}': "AttributeError: 'int' object has no attribute 'get'",
    '{"method": "f", "params": 1.5}': "AttributeError: 'float' object has no attribute 'get'",
    '{"method": "f", "params": "a"}': "AttributeError: 'str' object has no attribute 'get'",
    '{"method": "f", "params": true}': "AttributeError: 'bool' object has no attribute 'get'",
    '{"method": "f", "params": {"args": null}}':
      "TypeError: f() argument after * must be an iterable, not NoneType",
    '{"method": "f", "params": {"kwargs": [1]}}':
      "TypeError: f() argument after ** must be a mapping, not list",
    '{"method": {}}': "TypeError: unhashable type: 'dict'",
    '{"method": null}': "NameError: Method 'None' not found.",
    '{"method": true}': "NameError: Method 'True' not found.",
    '{"method": "f",}':
      "JSONDecodeError: Expecting property name enclosed in double quotes: line 1 column 16 (char 15)",
  };
  for (const [text, error] of Object.entries(texts)) expect(errorOf(text)).toBe(error);
});

test("gives back no id that would fill the memory while its answer waits", () => {
  expect(errorOf(`{"method": "f", "id": "${"x".repeat(2_000)}"}`)).toMatch(/^ValueError: the id/);
  expect(errorOf(`{"method": "f", "id": [${"1,".repeat(2_000)}1]}`)).toMatch(/^ValueError: the id/);
});

test("answers keys that mean something to JavaScript like others, or with an error", () => {
  expect(read('{"method": "constructor", "id": 1}')).toMatchObject({ procedure: "constructor" });
  expect(read('{"constructor": {"x": 1}}')).toMatchObject({ failure: { type: "KeyError" } });
  expect(read('{"__proto__": {"method": "f"}}')).toMatchObject({ kind: "refused" });
  expect(read('{"method": "f", "method": "g"}')).toMatchObject({ procedure: "g" });
});

test("refuses what is nested too deep or holds too much, and goes on", () => {
  const small = pythonJson({ maxItems: 10 });
  expect(parseRequest(encodeUtf8(`[${"1,".repeat(20)}1]`), small)).toMatchObject({
    failure: { code: "TOO_LARGE" },
  });
  expect(read(`${"[".repeat(5_000)}${"]".repeat(5_000)}`)).toMatchObject({ kind: "refused" });
});

test("keeps lone surrogates as they came", async () => {
  await using at = await trustServer();
  const client = await at.enter();
  client.say('{"id": "\\ud800", "method": "echo", "params": {"args": ["\\udfff"]}}');
  expect(await client.hear()).toBe(
    '{"id": "\\ud800", "result": {"args": ["\\udfff"], "kwargs": {}}, "error": null}',
  );
});

test("understands any bytes as a request, a line or a refusal", () => {
  const json = fc.json().map(encodeUtf8);
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 60 }), json, request().map(encodeUtf8));
  fc.assert(
    fc.property(bytes, fc.option(fc.constant("echo"), { nil: undefined }), (frame, chat) => {
      const { kind } = parseRequest(frame, JSON_OF_PYTHON, chat);
      expect(["call", "refused", ...(chat === undefined ? [] : ["line"])]).toContain(kind);
    }),
    { numRuns: 2_000 },
  );
});

test("answers each of any frames once and in order, in whatever pieces they come", async () => {
  await using at = await trustServer();
  const frames = fc.array(fc.oneof(fc.string(), request()), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(frames, fc.array(fc.nat(), { maxLength: 12 }), async (texts, cuts) => {
      const client = await at.enter();
      const bytes = Buffer.concat([...texts, '{"id": "last", "method": "echo"}'].map(framedText));
      client.write(...cut(new Uint8Array(bytes), cuts));
      for (const _ of texts) {
        const { result, error, id } = JSON.parse((await client.hear()) ?? "");
        expect(result === null || error === null).toBe(true);
        expect(id === undefined).toBe(false);
      }
      expect(JSON.parse((await client.hear()) ?? "").id).toBe("last");
      client.close();
    }),
    { numRuns: 100 },
  );
});

/** Texts that look like requests and are wrong somewhere. */
function request(): fc.Arbitrary<string> {
  const value = fc.jsonValue({ maxDepth: 2 });
  const parts = fc.record({ args: value, kwargs: value }, { requiredKeys: [] });
  const method = fc.oneof(fc.constantFrom("greet", "echo", "boom"), value);
  const params = fc.oneof(parts, value);
  return fc
    .record({ id: value, method, params }, { requiredKeys: [] })
    .map((each) => JSON.stringify(each));
}

function framedText(text: string): Uint8Array {
  const body = Buffer.from(text);
  const header = Buffer.alloc(4);
  header.writeUInt32BE(body.length);
  return Buffer.concat([header, body]);
}

function cut(bytes: Uint8Array, places: readonly number[]): readonly Uint8Array[] {
  const borders = places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b);
  const ends = [...borders, bytes.length];
  return ends.map((end, i) => bytes.slice(ends[i - 1] ?? 0, end));
}
