import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import {
  type BoxServer,
  boxServer,
  failed,
  type OriginalClient,
  ok,
} from "../../../test/nacl-box/original-client.ts";
import { encodeUtf8 } from "../../bytes/text.ts";
import { type SharedState, sharedState } from "../../features/shared-state/index.ts";
import type { Server } from "../../server/server.ts";

let served: BoxServer;
let client: OriginalClient;
let state: SharedState;
const gates: (() => void)[] = [];

beforeAll(async () => {
  served = await boxServer(register);
});
afterAll(() => served.close());
beforeEach(async () => {
  client = await served.connect();
  return () => client.close();
});

function register(server: Server): void {
  server.expose({ ping: () => "pong", open: (...args: unknown[]) => args }, { public: true });
  server.expose({ echo: (...args: unknown[]) => args, add: (a: number, b: number) => a + b });
  server.procedure("whoami", (call) => call.principal?.id);
  server.procedure("publicWhoami", { public: true }, (call) => call.principal?.id);
  const number = z.number();
  server.procedure("sub", { params: { a: number, b: number.default(1) } }, ({ a, b }) => a - b);
  server.procedure("wait", () => new Promise<void>((go) => gates.push(go)));
  server.procedure("set", () => new Set([1]));
  server.procedure("fail", (call) => {
    throw new TypeError(String(call.args.positional[0]));
  });
  server.procedure("throwNothing", () => Promise.reject(undefined));
  state = server.install(sharedState());
}

describe("the traps of the note", () => {
  it("1: success is base64 without quotes, failure is JSON", async () => {
    const [good, bad] = [await client.call("ping"), await client.call("nope")];
    expect(good).toEqual(ok("pong"));
    expect(bad.text.startsWith("{")).toBe(true);
    expect(bad.sealed).toBe(false);
  });

  it("2: the reply is sealed for the key of this envelope, whoever sent the one before", async () => {
    const other = await served.connect();
    client.send(other.envelope({ func: "whoami", api_key: "abc" }));
    client.send(client.envelope({ func: "whoami", api_key: "key-ü" }));
    expect((await client.answer()).sealed).toBe(false);
    expect(await client.answer()).toEqual(ok("alice"));
  });

  it("3: a result that JSON cannot carry is an error, and the next call works", async () => {
    const answer = await client.call("set");
    expect(answer.text).toContain("Object of type Set is not JSON serializable");
    expect(await client.call("ping")).toEqual(ok("pong"));
  });

  it("4: base64 is read as Python reads it, and wants its padding", async () => {
    const envelope: Record<string, string> = JSON.parse(client.envelope({ func: "ping" }));
    const { cipher = "", ...rest } = envelope;
    const broken = cipher.replaceAll(/.{20}/g, "$&\r\n");
    expect(await client.ask(JSON.stringify({ ...rest, cipher: broken }))).toEqual(ok("pong"));
    const unpadded = { ...rest, client_pubkey: client.ownKey.replace("=", ""), cipher };
    expect(await client.ask(JSON.stringify(unpadded))).toEqual(failed("Incorrect padding"));
  });

  it("4: URL-safe base64 is not refused, but does not open", async () => {
    const envelope: Record<string, string> = JSON.parse(client.envelope({ func: "x".repeat(99) }));
    const { cipher = "", ...rest } = envelope;
    const safe = cipher.replaceAll("+", "-").replaceAll("/", "_");
    const { text } = await client.ask(JSON.stringify({ ...rest, cipher: safe }));
    const told = /decrypt the message|Incorrect padding|cannot be 1 more|exactly 24/;
    expect(text).toMatch(told);
  });

  it("5: null as args or kwargs is an error, leaving them out is fine", async () => {
    const ask = (fields: object) => client.ask(client.envelope({ func: "ping", ...fields }));
    expect(await ask({})).toEqual(ok("pong"));
    expect((await ask({ args: null })).text).toContain("not NoneType");
    expect((await ask({ kwargs: null })).text).toContain("not NoneType");
  });

  it("5: a text as args is spread into characters", async () => {
    expect(await client.ask(client.envelope({ func: "open", args: "hé" }))).toEqual({
      sealed: true,
      text: '{"status": "ok", "result": ["h", "\\u00e9"]}',
    });
  });

  it.each([[null], [[]], [{}], [7], [true], ["__proto__"], ["constructor"], [""]])(
    "6: %j as API key is an error, and no trouble to public functions",
    async (key) => {
      expect(await client.call("add", [1, 2], key)).toEqual(failed("Ungültiger API-Key"));
      expect(await client.call("ping", [], key)).toEqual(ok("pong"));
    },
  );

  it("7: user 0 and user '' are users", async () => {
    expect(await client.call("whoami", [], "zero")).toEqual(ok(0));
    expect(await client.call("whoami", [], "empty")).toEqual(ok(""));
  });

  it("8: what JSON of Python has beyond JSON is taken", async () => {
    const plain =
      '{"func": "echo", "args": [NaN, 12345678901234567890, "\\ud800"], "api_key": "abc"}';
    expect((await client.ask(client.envelope(plain))).text).toContain("not JSON compliant");
    const exact = '{"func": "echo", "args": [12345678901234567890, "\\ud800"], "api_key": "abc"}';
    expect(await client.ask(client.envelope(exact))).toEqual({
      sealed: true,
      text: '{"status": "ok", "result": [12345678901234567890, "\\ud800"]}',
    });
  });

  it("9: a function that fails in a strange way is answered", async () => {
    expect((await client.call("throwNothing")).sealed).toBe(false);
    expect(await client.call("fail", ["böse"])).toEqual(failed("böse"));
  });
});

describe("the rules of the note for servers on WebSocket", () => {
  it("1: a frame of another kind is answered in the form of the wire", async () => {
    const answer = await client.ask(new Uint8Array(0));
    expect(JSON.parse(answer.text)).toMatchObject({ status: "error" });
    expect(answer.text).toContain("Expecting value: line 1 column 1 (char 0)");
    expect(await client.call("ping")).toEqual(ok("pong"));
  });

  it("2 and 3: requests sent at once are answered once each, in their order", async () => {
    client.send(
      client.envelope({ func: "wait", api_key: "abc" }),
      client.envelope({ func: "echo", args: [1], api_key: "abc" }),
      "no json",
      JSON.stringify({ type: "HELLO", client_pubkey: client.ownKey }),
      client.envelope({ func: "ping" }),
    );
    const first = client.answer();
    // Answered at once by the engine, it waits for the one before.
    await expect.poll(() => gates.length).toBe(1);
    gates.pop()?.();
    const answers = [await first];
    for (let i = 0; i < 4; i += 1) answers.push(await client.answer());
    expect(answers.map(({ text }) => text.slice(0, 30))).toEqual([
      '{"status": "ok", "result": nul',
      '{"status": "ok", "result": [1]',
      '{"status": "error", "error": "',
      '{"type": "HELLO_ACK", "server_',
      '{"status": "ok", "result": "po',
    ]);
  });
});

describe("calls", () => {
  it("work without HELLO, with any type but HELLO, and with none", async () => {
    for (const type of [undefined, "rpc", 5, null]) {
      expect(await client.ask(client.envelope({ func: "ping" }, { type }))).toEqual(ok("pong"));
    }
  });

  it("tell of an unknown function before the key is looked at", async () => {
    const expected = failed("Funktion nope nicht gefunden");
    expect(await client.call("nope", [], "wrong")).toEqual(expected);
    expect(await client.call("__proto__", [], null)).toEqual(
      failed("Funktion __proto__ nicht gefunden"),
    );
  });

  it("of public functions know nobody, even with a key that holds", async () => {
    expect(await client.call("whoami")).toEqual(ok(1));
    expect(await client.call("publicWhoami")).toEqual(ok(null));
  });

  it("tell everybody the server's key, and take no arguments for it", async () => {
    const hello = await client.ask(`{"type": "HELLO", "client_pubkey": "${client.ownKey}"}`);
    const { server_pubkey } = JSON.parse(hello.text);
    expect(await client.call("__get_public_key__", [], null)).toEqual(ok(server_pubkey));
    expect((await client.call("__get_public_key__", [1])).text).toContain("takes 0");
  });

  it("store shared variables with a key, by position and by name", async () => {
    expect(await client.call("__update_shared_var__", ["zahl", 77])).toEqual(ok(true));
    const kwargs = { value: 1, name: "n" };
    const named = { func: "__update_shared_var__", kwargs, api_key: "abc" };
    expect(await client.ask(client.envelope(named))).toEqual(ok(true));
    expect([state.get("zahl"), state.get("n")]).toEqual([77, 1]);
    const keyless = await client.call("__update_shared_var__", ["zahl", 1], null);
    expect(keyless).toEqual(failed("Ungültiger API-Key"));
  });

  it.each([
    [[], { value: 1 }, "missing 1 required positional argument: 'name'"],
    [["a", 2, 3], {}, "takes 2 positional arguments but 3 were given"],
    [["a", 1], { x: 1 }, "unexpected keyword argument 'x'"],
    [["a"], { name: "b", value: 1 }, "multiple values for argument 'name'"],
  ])("that store %j %j are told what is wrong", async (args, kwargs, text) => {
    const plain = { func: "__update_shared_var__", args, kwargs, api_key: "abc" };
    const answer = await client.ask(client.envelope(plain));
    expect(answer).toMatchObject({ sealed: false, text: expect.stringContaining(text) });
  });

  it.each([
    [[5], {}, 4],
    [[5], { b: 2 }, 3],
    [[], { b: 2, a: 9 }, 7],
  ])("bind %j %j as Python does", async (args, kwargs, result) => {
    const plain = { func: "sub", args, kwargs, api_key: "abc" };
    expect(await client.ask(client.envelope(plain))).toEqual(ok(result));
  });

  it.each([
    [[], {}, "sub() missing 1 required positional argument: 'a'"],
    [[1, 2, 3], {}, "sub() takes"],
    [[1], { c: 1 }, "sub() got an unexpected keyword argument 'c'"],
    [[1], { a: 1 }, "sub() got multiple values for argument 'a'"],
  ])("refuse %j %j in Python's words", async (args, kwargs, text) => {
    const plain = { func: "sub", args, kwargs, api_key: "abc" };
    const answer = await client.ask(client.envelope(plain));
    expect(JSON.parse(answer.text).error).toContain(text);
  });

  it("take the id of an envelope only once, on whichever connection", async () => {
    const envelope = client.envelope({ func: "ping" });
    expect(await client.ask(envelope)).toEqual(ok("pong"));
    const again = failed(
      "this envelope was sent before: seal each call anew, with a fresh random nonce",
    );
    expect(await client.ask(envelope)).toEqual(again);
    const other = await served.connect();
    expect(await other.ask(envelope)).toEqual(again);
  });

  it("that bring an id are answered when they are done, errors sealed and with their code", async () => {
    client.send(
      client.envelope({ func: "wait", api_key: "abc", id: 0 }),
      client.envelope({ func: "nope", id: 8 }),
    );
    const text = '"error": "Funktion nope nicht gefunden", "code": "NOT_FOUND", "id": 8}';
    expect(await client.answer()).toEqual({ sealed: true, text: `{"status": "error", ${text}` });
    gates.pop()?.();
    expect((await client.answer()).text).toBe('{"status": "ok", "result": null, "id": 0}');
  });

  it("with something else as id are calls of the original", async () => {
    for (const id of ["1", -1, 1.5, null, [], 2 ** 60]) {
      expect(await client.ask(client.envelope({ func: "ping", id }))).toEqual(ok("pong"));
    }
  });
});

describe("what is malformed gets the error of the original", () => {
  it.each([
    ["hello", "Expecting value: line 1 column 1 (char 0)"],
    ["[]", "'list' object has no attribute 'get'"],
    ["7", "'int' object has no attribute 'get'"],
    ["{}", "'cipher'"],
    ['{"cipher": "AAAA"}', "'client_pubkey'"],
    ['{"cipher": 1, "client_pubkey": 1}', "argument should be a bytes-like object or ASCII string"],
    ['{"type": "HELLO"}', "'client_pubkey'"],
    ['{"type": "HELLO", "client_pubkey": "ä"}', "string argument should contain only ASCII"],
    ['{"type": "HELLO", "client_pubkey": "A"}', "number of data characters (1) cannot be 1 more"],
    ['{"__proto__": {"cipher": ""}}', "__proto__"],
    [`${"[".repeat(100)}`, "deeper than 64"],
  ])("%s", async (body, text) => {
    const answer = await client.ask(body);
    expect(JSON.parse(answer.text)).toMatchObject({ status: "error" });
    expect(JSON.parse(answer.text).error).toContain(text);
  });

  it.each([
    ["[]", "list indices must be integers or slices, not str"],
    ['"x"', "string indices must be integers, not 'str'"],
    ["7", "'int' object is not subscriptable"],
    ["{}", "'func'"],
    ["{", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"],
    ['{"func": []}', "unhashable type: 'list'"],
    ['{"func": 5}', "Funktion 5 nicht gefunden"],
    ['{"func": "ping", "args": 5}', "ping() argument after * must be an iterable, not int"],
    ['{"func": "ping", "kwargs": []}', "ping() argument after ** must be a mapping, not list"],
  ])("%s in a box", async (plain, text) => {
    const answer = await client.ask(client.envelope(plain));
    expect(answer).toEqual(failed(text));
  });

  it("whatever it is: one answer for each frame, and the next call works", async () => {
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc.json().map(encodeUtf8),
      fc.json().map((plain) => encodeUtf8(client.envelope(plain))),
      fc
        .dictionary(fc.constantFrom("type", "client_pubkey", "cipher"), fc.jsonValue())
        .map((value) => encodeUtf8(JSON.stringify(value))),
      fc.tuple(fc.nat(200), fc.integer({ min: 1, max: 255 })).map(([at, by]) => {
        const bytes = encodeUtf8(client.envelope({ func: "ping" }));
        bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ by;
        return bytes;
      }),
    );
    await fc.assert(
      fc.asyncProperty(noise, async (bytes) => {
        client.send(bytes, client.envelope({ func: "ping" }));
        const answer = await client.answer();
        expect(answer.text).not.toBe("");
        expect(await client.answer()).toEqual(ok("pong"));
      }),
      { numRuns: 500 },
    );
  });
});
