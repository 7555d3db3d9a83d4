import { expect, test } from "vitest";
import { digestOf, framed, TRUST_ID, trustServer } from "../../../test/trust-rpc/raw-client.ts";
import { passwords } from "../../auth/passwords.ts";
import { join } from "../../bytes/join.ts";
import { decodeUtf8, encodeHex } from "../../bytes/text.ts";
import { connectTo } from "../../client/connect.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { NODE_PLATFORM } from "../../presets/platform.node.ts";
import { Server } from "../../server/server.ts";
import { serverAndClient } from "../../testing/server-and-client.ts";
import { tcp } from "../../transports/tcp/tcp.ts";
import { trustRpc } from "./index.ts";

// The traps of the wire's description, by their numbers there.

test("trap 1: hashes the challenge as the text it travels as, and takes the digest raw", async () => {
  await using at = await trustServer();
  const right = await at.open();
  const challenge = (await right.read()) ?? new Uint8Array();
  expect(decodeUtf8(challenge)).toMatch(/^[0-9a-f]{32}$/);
  right.write(framed(digestOf(challenge)));
  expect(await right.hear()).toBe("OK");
  const hex = await at.open();
  hex.write(framed(encodeHex(digestOf((await hex.read()) ?? new Uint8Array()))));
  expect(await hex.hear()).toBe("FAIL");
});

test("trap 2: frames the verdicts, without a line end", async () => {
  await using at = await trustServer();
  const { channel } = await at.open();
  const received: Uint8Array[] = [];
  channel.write([framed("wrong")]);
  for await (const chunk of channel) received.push(chunk);
  const bytes = join(received);
  expect(decodeUtf8(bytes.subarray(36))).toBe("\u0000\u0000\u0000\u0004FAIL");
});

test("trap 3: begins the text of every error with the name of an exception", async () => {
  await using at = await trustServer({}, (server) => {
    server.procedure("conflict", () => {
      throw new SealwireError("CONFLICT", "taken");
    });
    server.procedure("range", () => {
      throw new RangeError("too far");
    });
  });
  const client = await at.enter();
  const errors: unknown[] = [];
  for (const method of ["conflict", "range", "nobody", "$ping"]) {
    client.say(JSON.stringify({ id: 1, method }));
    errors.push(JSON.parse((await client.hear()) ?? "").error);
  }
  expect(errors).toEqual([
    "ConflictError: taken",
    "RangeError: too far",
    "NameError: Method 'nobody' not found.",
    null,
  ]);
});

test("trap 4: shows a whole number as one, whichever way it was written", async () => {
  await using at = await trustServer();
  const client = await at.enter();
  client.say('{"id": 1, "method": "long_running_task", "params": {"args": [2.0]}}');
  expect(await client.hear()).toContain("Task completed after 2 seconds.");
});

test("trap 5: takes an empty error for a success and never sends one", async () => {
  await using at = await trustServer();
  const client = await at.enter();
  client.say('{"id": 1, "method": "boom", "params": {"args": [""]}}');
  expect(await client.hear()).toBe('{"id": 1, "result": null, "error": "ValueError: "}');
  const session = await connected();
  const [id] = [session.nextCallId()];
  const bytes = new TextEncoder().encode(JSON.stringify({ id, result: "kept", error: "" }));
  expect(session.decode(bytes)).toEqual([{ kind: "result", id, value: "kept" }]);
});

test("trap 6: sends all three keys with every answer", async () => {
  await using at = await trustServer();
  const client = await at.enter();
  client.say('{"id": 1, "method": "greet", "params": {"args": ["A"]}}', '{"id": 2, "method": "x"}');
  const answers = [await client.hear(), await client.hear()].map((text) => JSON.parse(text ?? ""));
  expect(answers).toEqual([
    { id: 1, result: "Hello, A!", error: null },
    { id: 2, result: null, error: "NameError: Method 'x' not found." },
  ]);
});

test("trap 7: reads NaN and infinities, and writes none of them", async () => {
  const heard: unknown[] = [];
  await using at = await trustServer({}, (server) => {
    server.procedure("take", ({ args }) => void heard.push(...args.positional));
    server.procedure("give", () => Number.NaN);
  });
  const client = await at.enter();
  client.say('{"method": "take", "params": {"args": [NaN, -Infinity]}}', '{"method": "give"}');
  expect(await client.hear()).toBe('{"id": null, "result": null, "error": null}');
  expect(await client.hear()).toContain('"error": "RuntimeError: the answer cannot be sent');
  expect(heard).toEqual([Number.NaN, Number.NEGATIVE_INFINITY]);
});

test("trap 8: answers in order, and matches answers of others by their ids", async () => {
  let letGo = () => {};
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  await using at = await trustServer({}, (server) => {
    server.procedure("slow", () => gate);
    server.procedure("fast", () => void letGo());
  });
  const client = await at.enter();
  client.say('{"id": "slow", "method": "slow"}', '{"id": "fast", "method": "fast"}');
  const ids = [await client.hear(), await client.hear()].map((text) => JSON.parse(text ?? "").id);
  expect(ids).toEqual(["slow", "fast"]);
  const session = await connected();
  const [first, second] = [session.nextCallId(), session.nextCallId()];
  const answer = (id: unknown) => new TextEncoder().encode(JSON.stringify({ id, result: id }));
  expect(session.decode(answer(second))).toMatchObject([{ id: second, value: second }]);
  expect(session.decode(answer(first))).toMatchObject([{ id: first, value: first }]);
});

test("trap 9: listens on IPv6 addresses and tells the port so that it can be found", async () => {
  const schemes = { trust: { transport: tcp(), dialect: trustRpc() } };
  const surroundings = { platform: NODE_PLATFORM, schemes };
  const options = { authenticator: passwords(TRUST_ID) };
  const server = new Server(options, { ...surroundings, fingerprint: async () => "" });
  server.expose({ greet: (name: string) => `Hello, ${name}!` });
  const { address } = await server.listen("trust://[::1]:0");
  expect(Number(address.port)).toBeGreaterThan(0);
  const credentials = { scheme: "password", password: TRUST_ID } as const;
  const client = await connectTo(address, { credentials }, surroundings);
  expect(await client.call("greet", ["Ann"])).toBe("Hello, Ann!");
  await client.close();
  await server.close({ drainMs: 0 });
});

test("trap 10: serves a request that came in one piece with the digest, however large", async () => {
  await using at = await trustServer();
  const client = await at.open();
  const digest = framed(digestOf((await client.read()) ?? new Uint8Array()));
  const name = "x".repeat(100_000);
  const request = framed(`{"id": 1, "method": "greet", "params": {"args": ["${name}"]}}`);
  client.write(Uint8Array.of(...digest, ...request));
  expect(await client.hear()).toBe("OK");
  expect(JSON.parse((await client.hear()) ?? "").result).toBe(`Hello, ${name}!`);
});

test("trap 11: gives back any JSON value that is an id, and takes the same id twice", async () => {
  await using at = await trustServer();
  const client = await at.enter();
  const ids = ['"a"', '"a"', "7", "1.5", "true", "null", "[]", '{"x": [1, null]}', '"\\u00e9"'];
  client.say(...ids.map((id) => `{"id": ${id}, "method": "echo"}`));
  for (const id of ids) {
    const answer = await client.hear();
    expect(answer).toBe(`{"id": ${id}, "result": {"args": [], "kwargs": {}}, "error": null}`);
  }
});

test("gives codes back as they were between programs of ours", async () => {
  await using pair = await serverAndClient({
    dialect: trustRpc(),
    server: { authenticator: passwords(TRUST_ID), plaintext: "allow" },
    client: { credentials: { scheme: "secret", secret: new TextEncoder().encode(TRUST_ID) } },
    register: (server) => {
      server.procedure("find", () => {
        throw new SealwireError("NOT_FOUND", "no such user");
      });
      server.procedure("fail", () => {
        throw new RangeError("too far");
      });
    },
  });
  const failed = (name: string) => pair.client.call(name).catch((error: unknown) => error);
  expect(await failed("find")).toMatchObject({
    code: "NOT_FOUND",
    message: "LookupError: no such user",
  });
  expect(await failed("fail")).toMatchObject({
    ...{ code: "INTERNAL", type: "RangeError" },
    message: "RangeError: too far",
  });
  expect(await failed("nobody")).toMatchObject({ code: "NOT_FOUND" });
});

test("says what the wire does not protect", () => {
  expect(trustRpc().security).toEqual({
    encrypted: false,
    clientProven: "by-handshake",
    serverProven: false,
    forwardSecret: false,
    replayProtected: false,
  });
});

test("refuses a chat without a procedure and limits that make no sense", () => {
  expect(() => trustRpc({ chat: "" })).toThrow(/chat is ""/);
  expect(() => trustRpc({ values: { maxDepth: 0 } })).toThrow(/maxDepth/);
});

/** A client's session after a greeting with a server that believes everybody. */
async function connected() {
  const frames = ["c".repeat(32), "OK"];
  const wire = {
    remote: "test",
    read: async () => new TextEncoder().encode(frames.shift()),
    write: async () => {},
  };
  return trustRpc().connect(wire, {
    ...{ about: {}, maxFrameBytes: 2 ** 24, serverName: "", serverKeys: [] },
    credentials: { scheme: "password", password: TRUST_ID },
    trusts: async () => true,
    flush() {},
    signal: new AbortController().signal,
  });
}
