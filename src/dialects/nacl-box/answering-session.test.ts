import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Left, registerFunctions } from "../../../test/nacl-box/functions.ts";
import {
  type BoxServer,
  boxServer,
  failed,
  type OriginalClient,
  ok,
} from "../../../test/nacl-box/original-client.ts";

let served: BoxServer;
let client: OriginalClient;
let left: Left;

beforeAll(async () => {
  served = await boxServer((server) => {
    left = registerFunctions(server);
  });
});
afterAll(() => served.close());
beforeEach(async () => {
  client = await served.connect();
  return () => client.close();
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
    expect([left.state.get("zahl"), left.state.get("n")]).toEqual([77, 1]);
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
    left.gates.pop()?.();
    expect((await client.answer()).text).toBe('{"status": "ok", "result": null, "id": 0}');
  });

  it("with something else as id are calls of the original", async () => {
    for (const id of ["1", -1, 1.5, null, [], 2 ** 60]) {
      expect(await client.ask(client.envelope({ func: "ping", id }))).toEqual(ok("pong"));
    }
  });
});
