import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Place, type Serving } from "./program.ts";

const place = new Place();
const env = { SEALWIRE_TOKEN: "tok" };
let server: Serving;
beforeAll(async () => {
  server = await place.serve(["--token", "tim:tok"]);
});
afterAll(() => place.close());

function call(...args: readonly string[]) {
  return place.run(["call", server.url, ...args], { env });
}

it("passes JSON as values and everything else as text", async () => {
  const results = await Promise.all([
    call("add", "2", "-3"),
    call("whisper", "Bob"),
    call("echo", '{"a":[1,null,true]}'),
    call("nothing"),
  ]);
  expect(results.map(({ out }) => out)).toEqual([
    "-1\n",
    '"you said Bob"\n',
    '{"a":[1,null,true]}\n',
    "null\n",
  ]);
});

it("passes arguments by name", async () => {
  expect((await call("echo", "--named", '{"a":2,"b":3}')).out).toBe('{"a":2,"b":3}\n');
});

it("carries what JSON has not, both ways", async () => {
  const value = '{"$map":[["k",{"$set":[{"$bytes":"AQID"},{"$bigint":"12345678901234567890"}]}]]}';
  expect((await call("echo", value)).out).toBe(`${value}\n`);
  expect((await call("kind", '{"$date":"2026-01-31T00:00:00.000Z"}')).out).toBe(
    '"[object Date]"\n',
  );
});

it("prints a stream as one JSON value a line", async () => {
  expect(await call("count", "3")).toMatchObject({ code: 0, out: '{"i":1}\n{"i":2}\n{"i":3}\n' });
});

it("ends quietly when nobody reads the output any more", async () => {
  const running = place.start(["call", server.url, "count", "100000000"], { env });
  await running.line('{"i":1}');
  running.child.stdout.destroy();
  expect(await running.ended).toMatchObject({ code: 0, err: "" });
});

it("cancels the call on Ctrl-C, which reaches the handler", async () => {
  const running = place.start(["call", server.url, "hang"], { env });
  await server.line("hang runs");
  running.child.kill("SIGINT");
  expect(await running.ended).toMatchObject({ code: 130, out: "" });
  await server.line("hang was cancelled");
});

it("gives up after --timeout", async () => {
  const { code, err } = await call("hang", "--timeout", "1500");
  expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining("DEADLINE_EXCEEDED: ") });
});

it("ends with 1 and the error's code when the handler throws one, harmless for a terminal", async () => {
  expect(await call("fail")).toMatchObject({
    code: 1,
    out: "",
    err: "CONFLICT: somebody was faster \\u001b[31m\n",
  });
});

it("tells machines of failures in JSON", async () => {
  const { err } = await call("fail", "--json");
  expect(JSON.parse(err)).toEqual({
    error: { code: "CONFLICT", message: "somebody was faster \u001b[31m" },
  });
});

it("tells machines of wrong usage in JSON", async () => {
  const { code, err } = await call("echo", "--bogus", "--json");
  expect(code).toBe(2);
  expect(JSON.parse(err)).toEqual({
    error: { code: "INVALID_ARGUMENT", message: "unknown option '--bogus'" },
  });
});

it("names other schemes when something else listens there", async () => {
  const web = createHttpServer((_, response) => response.end("a page")).listen(0, "127.0.0.1");
  await once(web, "listening");
  const { port } = web.address() as AddressInfo;
  const { code, err } = await place.run(["call", `tcp://127.0.0.1:${port}`, "x"]);
  web.close();
  expect({ code, err }).toEqual({ code: 3, err: expect.stringContaining("is it tcp, tls, ws") });
});

it("tells nothing of an error that was not meant for others but its reference", async () => {
  const { code, err } = await call("crash");
  expect({ code, err }).toEqual({
    code: 1,
    err: expect.stringMatching(/^INTERNAL: internal error, reference \S+\n$/),
  });
  expect(await server.line("a handler failed")).toContain("a secret of the handler");
});

it("ends with 1 for a procedure that does not exist", async () => {
  expect((await call("absent")).err).toContain('NOT_FOUND: there is no procedure named "absent"');
});

it.each([
  ["no address", ["call", "nonsense", "x"], "is not an address"],
  ["an unknown scheme", ["call", "http://127.0.0.1:1", "x"], "nobody knows the scheme"],
  ["no port", ["call", "tcp://127.0.0.1", "x"], "host and port"],
  ["no procedure", ["call", "tcp://127.0.0.1:1"], "missing required argument 'procedure'"],
  ["an unknown option", ["call", "tcp://127.0.0.1:1", "x", "--bogus"], "unknown option '--bogus'"],
  ["an unknown command", ["cal"], "unknown command 'cal'"],
  ["a mistyped key", ["call", "tcp://127.0.0.1:1", "x", "--key", "sw_x"], "was mistyped"],
  ["a mistyped pin", ["call", "tcp://127.0.0.1:1", "x", "--pin", "swpub_x"], "--pin: this is not"],
  ["a weak secret", ["call", "tcp://127.0.0.1:1", "x", "--secret", "w"], "could be guessed"],
  ["bad JSON by name", ["call", "tcp://127.0.0.1:1", "x", "--named", "{a"], "--named is not JSON"],
  ["a list by name", ["call", "tcp://127.0.0.1:1", "x", "--named", "[]"], "wants a JSON object"],
  ["both at once", ["call", "tcp://127.0.0.1:1", "x", "1", "--named", "{}"], "not both"],
  ["a bad number", ["call", "tcp://127.0.0.1:1", "x", "--timeout", "1s"], "whole number"],
  [
    "a missing file",
    ["call", "tcp://127.0.0.1:1", "x", "--identity", "no"],
    "no: there is no such file",
  ],
])("ends with 2 for %s", async (_what, args, sentence) => {
  const { code, out, err } = await place.run(args);
  expect({ code, out, err }).toEqual({ code: 2, out: "", err: expect.stringContaining(sentence) });
});

it("ends with 3 when nobody answers", async () => {
  const { code, err } = await place.run(["call", "tcp://127.0.0.1:1", "x"]);
  expect({ code, err }).toEqual({ code: 3, err: expect.stringContaining("UNAVAILABLE: ") });
});

it("remembers a server on loopback with one line, once", async () => {
  const elsewhere = new Place();
  const first = await elsewhere.run(["call", server.url, "greet"]);
  const second = await elsewhere.run(["call", server.url, "greet"]);
  await elsewhere.close();
  expect(first.err).toBe(`remembered the key of ${server.url}: ${server.fingerprint}\n`);
  expect(second).toMatchObject({ code: 0, err: "" });
});

it("writes one line for each call at debug, without what was passed", async () => {
  const { err } = await call("whisper", "hush", "--log-level", "debug");
  expect(err).toMatch(/DEBUG call procedure=whisper /);
  expect(err).not.toContain("hush");
});
