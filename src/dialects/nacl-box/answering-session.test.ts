import { describe, expect, it } from "vitest";
import { failed, ok } from "../../../test/nacl-box/original-client.ts";
import { servedFunctions } from "../../../test/nacl-box/served-functions.ts";

const here = servedFunctions();

describe("calls", () => {
  it("work without HELLO, with any type but HELLO, and with none", async () => {
    for (const type of [undefined, "rpc", 5, null]) {
      expect(await here.client.ask(here.client.envelope({ func: "ping" }, { type }))).toEqual(
        ok("pong"),
      );
    }
  });

  it("tell of an unknown function before the key is looked at", async () => {
    const expected = failed("Funktion nope nicht gefunden");
    expect(await here.client.call("nope", [], "wrong")).toEqual(expected);
    expect(await here.client.call("__proto__", [], null)).toEqual(
      failed("Funktion __proto__ nicht gefunden"),
    );
  });

  it("of public functions know nobody, even with a key that holds", async () => {
    expect(await here.client.call("whoami")).toEqual(ok(1));
    expect(await here.client.call("publicWhoami")).toEqual(ok(null));
  });

  it("tell everybody the server's key, and take no arguments for it", async () => {
    const hello = await here.client.ask(
      `{"type": "HELLO", "client_pubkey": "${here.client.ownKey}"}`,
    );
    const { server_pubkey } = JSON.parse(hello.text);
    expect(await here.client.call("__get_public_key__", [], null)).toEqual(ok(server_pubkey));
    expect((await here.client.call("__get_public_key__", [1])).text).toContain("takes 0");
  });

  it("store shared variables with a key, by position and by name", async () => {
    expect(await here.client.call("__update_shared_var__", ["zahl", 77])).toEqual(ok(true));
    const kwargs = { value: 1, name: "n" };
    const named = { func: "__update_shared_var__", kwargs, api_key: "abc" };
    expect(await here.client.ask(here.client.envelope(named))).toEqual(ok(true));
    expect([here.left.state.get("zahl"), here.left.state.get("n")]).toEqual([77, 1]);
    const keyless = await here.client.call("__update_shared_var__", ["zahl", 1], null);
    expect(keyless).toEqual(failed("Ungültiger API-Key"));
  });

  it.each([
    [[], { value: 1 }, "missing 1 required positional argument: 'name'"],
    [["a", 2, 3], {}, "takes 2 positional arguments but 3 were given"],
    [["a", 1], { x: 1 }, "unexpected keyword argument 'x'"],
    [["a"], { name: "b", value: 1 }, "multiple values for argument 'name'"],
  ])("that store %j %j are told what is wrong", async (args, kwargs, text) => {
    const plain = { func: "__update_shared_var__", args, kwargs, api_key: "abc" };
    const answer = await here.client.ask(here.client.envelope(plain));
    expect(answer).toMatchObject({ sealed: false, text: expect.stringContaining(text) });
  });

  it.each([
    [[5], {}, 4],
    [[5], { b: 2 }, 3],
    [[], { b: 2, a: 9 }, 7],
  ])("bind %j %j as Python does", async (args, kwargs, result) => {
    const plain = { func: "sub", args, kwargs, api_key: "abc" };
    expect(await here.client.ask(here.client.envelope(plain))).toEqual(ok(result));
  });

  it.each([
    [[], {}, "sub() missing 1 required positional argument: 'a'"],
    [[1, 2, 3], {}, "sub() takes"],
    [[1], { c: 1 }, "sub() got an unexpected keyword argument 'c'"],
    [[1], { a: 1 }, "sub() got multiple values for argument 'a'"],
  ])("refuse %j %j in Python's words", async (args, kwargs, text) => {
    const plain = { func: "sub", args, kwargs, api_key: "abc" };
    const answer = await here.client.ask(here.client.envelope(plain));
    expect(JSON.parse(answer.text).error).toContain(text);
  });

  it("take the id of an envelope only once, on whichever connection", async () => {
    const envelope = here.client.envelope({ func: "ping" });
    expect(await here.client.ask(envelope)).toEqual(ok("pong"));
    const again = failed(
      "this envelope was sent before: seal each call anew, with a fresh random nonce",
    );
    expect(await here.client.ask(envelope)).toEqual(again);
    const other = await here.served.connect();
    expect(await other.ask(envelope)).toEqual(again);
  });

  it("that bring an id are answered when they are done, errors sealed and with their code", async () => {
    here.client.send(
      here.client.envelope({ func: "wait", api_key: "abc", id: 0 }),
      here.client.envelope({ func: "nope", id: 8 }),
    );
    const text = '"error": "Funktion nope nicht gefunden", "code": "NOT_FOUND", "id": 8}';
    expect(await here.client.answer()).toEqual({
      sealed: true,
      text: `{"status": "error", ${text}`,
    });
    here.left.gates.pop()?.();
    expect((await here.client.answer()).text).toBe('{"status": "ok", "result": null, "id": 0}');
  });

  it("with something else as id are calls of the original", async () => {
    for (const id of ["1", -1, 1.5, null, [], 2 ** 60]) {
      expect(await here.client.ask(here.client.envelope({ func: "ping", id }))).toEqual(ok("pong"));
    }
  });
});
