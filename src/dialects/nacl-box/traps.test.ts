import { describe, expect, it } from "vitest";
import { failed, ok } from "../../../test/nacl-box/original-client.ts";
import { servedFunctions } from "../../../test/nacl-box/served-functions.ts";

const here = servedFunctions();

describe("the traps of the note", () => {
  it("1: success is base64 without quotes, failure is JSON", async () => {
    const [good, bad] = [await here.client.call("ping"), await here.client.call("nope")];
    expect(good).toEqual(ok("pong"));
    expect(bad.text.startsWith("{")).toBe(true);
    expect(bad.sealed).toBe(false);
  });

  it("2: the reply is sealed for the key of this envelope, whoever sent the one before", async () => {
    const other = await here.served.connect();
    here.client.send(other.envelope({ func: "whoami", api_key: "abc" }));
    here.client.send(here.client.envelope({ func: "whoami", api_key: "key-ü" }));
    expect((await here.client.answer()).sealed).toBe(false);
    expect(await here.client.answer()).toEqual(ok("alice"));
  });

  it("3: a result that JSON cannot carry is an error, and the next call works", async () => {
    const answer = await here.client.call("set");
    expect(answer.text).toContain("Object of type Set is not JSON serializable");
    expect(await here.client.call("ping")).toEqual(ok("pong"));
  });

  it("4: base64 is read as Python reads it, and wants its padding", async () => {
    const envelope: Record<string, string> = JSON.parse(here.client.envelope({ func: "ping" }));
    const { cipher = "", ...rest } = envelope;
    const broken = cipher.replaceAll(/.{20}/g, "$&\r\n");
    expect(await here.client.ask(JSON.stringify({ ...rest, cipher: broken }))).toEqual(ok("pong"));
    const unpadded = { ...rest, client_pubkey: here.client.ownKey.replace("=", ""), cipher };
    expect(await here.client.ask(JSON.stringify(unpadded))).toEqual(failed("Incorrect padding"));
  });

  it("4: URL-safe base64 is not refused, but does not open", async () => {
    const envelope: Record<string, string> = JSON.parse(
      here.client.envelope({ func: "x".repeat(99) }),
    );
    const { cipher = "", ...rest } = envelope;
    const safe = cipher.replaceAll("+", "-").replaceAll("/", "_");
    const { text } = await here.client.ask(JSON.stringify({ ...rest, cipher: safe }));
    const told = /decrypt the message|Incorrect padding|cannot be 1 more|exactly 24/;
    expect(text).toMatch(told);
  });

  it("5: null as args or kwargs is an error, leaving them out is fine", async () => {
    const ask = (fields: object) =>
      here.client.ask(here.client.envelope({ func: "ping", ...fields }));
    expect(await ask({})).toEqual(ok("pong"));
    expect((await ask({ args: null })).text).toContain("not NoneType");
    expect((await ask({ kwargs: null })).text).toContain("not NoneType");
  });

  it("5: a text as args is spread into characters", async () => {
    expect(await here.client.ask(here.client.envelope({ func: "open", args: "hé" }))).toEqual({
      sealed: true,
      text: '{"status": "ok", "result": ["h", "\\u00e9"]}',
    });
  });

  it.each([[null], [[]], [{}], [7], [true], ["__proto__"], ["constructor"], [""]])(
    "6: %j as API key is an error, and no trouble to public functions",
    async (key) => {
      expect(await here.client.call("add", [1, 2], key)).toEqual(failed("Ungültiger API-Key"));
      expect(await here.client.call("ping", [], key)).toEqual(ok("pong"));
    },
  );

  it("7: user 0 and user '' are users", async () => {
    expect(await here.client.call("whoami", [], "zero")).toEqual(ok(0));
    expect(await here.client.call("whoami", [], "empty")).toEqual(ok(""));
  });

  it("8: what JSON of Python has beyond JSON is taken", async () => {
    const plain =
      '{"func": "echo", "args": [NaN, 12345678901234567890, "\\ud800"], "api_key": "abc"}';
    expect((await here.client.ask(here.client.envelope(plain))).text).toContain(
      "not JSON compliant",
    );
    const exact = '{"func": "echo", "args": [12345678901234567890, "\\ud800"], "api_key": "abc"}';
    expect(await here.client.ask(here.client.envelope(exact))).toEqual({
      sealed: true,
      text: '{"status": "ok", "result": [12345678901234567890, "\\ud800"]}',
    });
  });

  it("9: a function that fails in a strange way is answered", async () => {
    expect((await here.client.call("throwNothing")).sealed).toBe(false);
    expect(await here.client.call("fail", ["böse"])).toEqual(failed("böse"));
  });
});

describe("the rules of the note for servers on WebSocket", () => {
  it("1: a frame of another kind is answered in the form of the wire", async () => {
    const answer = await here.client.ask(new Uint8Array(0));
    expect(JSON.parse(answer.text)).toMatchObject({ status: "error" });
    expect(answer.text).toContain("Expecting value: line 1 column 1 (char 0)");
    expect(await here.client.call("ping")).toEqual(ok("pong"));
  });

  it("2 and 3: requests sent at once are answered once each, in their order", async () => {
    here.client.send(
      here.client.envelope({ func: "wait", api_key: "abc" }),
      here.client.envelope({ func: "echo", args: [1], api_key: "abc" }),
      "no json",
      JSON.stringify({ type: "HELLO", client_pubkey: here.client.ownKey }),
      here.client.envelope({ func: "ping" }),
    );
    const first = here.client.answer();
    // Answered at once by the engine, it waits for the one before.
    await expect.poll(() => here.left.gates.length).toBe(1);
    here.left.gates.pop()?.();
    const answers = [await first];
    for (let i = 0; i < 4; i += 1) answers.push(await here.client.answer());
    expect(answers.map(({ text }) => text.slice(0, 30))).toEqual([
      '{"status": "ok", "result": nul',
      '{"status": "ok", "result": [1]',
      '{"status": "error", "error": "',
      '{"type": "HELLO_ACK", "server_',
      '{"status": "ok", "result": "po',
    ]);
  });
});
