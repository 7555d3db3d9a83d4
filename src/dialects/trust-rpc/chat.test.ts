import { expect, test } from "vitest";
import { TRUST_ID, trustServer } from "../../../test/trust-rpc/raw-client.ts";
import { passwords } from "../../auth/passwords.ts";
import { serverAndClient } from "../../testing/server-and-client.ts";
import { trustRpc } from "./index.ts";

/** What both ends of a chat are, with a server that tells who is spoken to. */
const chatting = () =>
  serverAndClient({
    dialect: trustRpc({ chat: "echo" }),
    server: { authenticator: passwords(TRUST_ID), plaintext: "allow" },
    client: { credentials: { scheme: "password", password: TRUST_ID } },
    register: (server) => {
      server.expose({ echo: (line: unknown) => line, shout: (line: string) => `${line}!` });
    },
  });

test("gives lines back as they are, with requests between them, each in its turn", async () => {
  await using at = await trustServer({ chat: "echo" }, (server) => {
    server.expose({ echo: (line: unknown) => line, greet: (name: string) => `Hello, ${name}!` });
  });
  const client = await at.enter();
  const lines = ["hello", "123", '"text"', "[1]", "null", "", "日本 😀", "{ not JSON"];
  client.say(...lines, '{"id": 1, "method": "greet", "params": {"args": ["A"]}}', "bye");
  for (const line of lines) expect(await client.hear()).toBe(line);
  expect(await client.hear()).toBe('{"id": 1, "result": "Hello, A!", "error": null}');
  expect(await client.hear()).toBe("bye");
});

test("says what is wrong with a line in the form of an error", async () => {
  await using at = await trustServer({ chat: "nobody" });
  const client = await at.enter();
  client.say("hello");
  expect(await client.hear()).toBe(
    `{"id": null, "result": null, "error": "NameError: Method 'nobody' not found."}`,
  );
  client.write(Uint8Array.of(0, 0, 0, 2, 255, 254));
  expect(await client.hear()).toContain("UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff");
});

test("answers lines as the original does, unless a chat was asked for", async () => {
  await using at = await trustServer();
  const client = await at.enter();
  client.say("hello");
  expect(await client.hear()).toContain("JSONDecodeError: Expecting value: line 1 column 1");
});

test("carries lines of our client, many at once, beside calls", async () => {
  await using pair = await chatting();
  const lines = Array.from({ length: 50 }, (_, i) => `line ${i}`);
  const answers = lines.map((line) => pair.client.call("echo", [line]));
  expect(await pair.client.call("shout", ["hey"])).toBe("hey!");
  expect(await Promise.all(answers)).toEqual(lines);
  // What is no line travels as a call.
  expect(await pair.client.call("echo", [{ a: 1 }])).toEqual({ a: 1 });
  expect(await pair.client.call("echo", ['["a list"]'])).toBe('["a list"]');
});

test("refuses a line that would be taken for a request", async () => {
  await using pair = await chatting();
  await expect(pair.client.call("echo", [' {"method": "shout"}'])).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
  });
  expect(await pair.client.call("echo", ["{ but this is fine"])).toBe("{ but this is fine");
});

test("hears the error of the original to a line", async () => {
  await using pair = await serverAndClient({
    dialect: { ...trustRpc(), connect: trustRpc({ chat: "echo" }).connect },
    server: { authenticator: passwords(TRUST_ID), plaintext: "allow" },
    client: { credentials: { scheme: "password", password: TRUST_ID } },
  });
  await expect(pair.client.call("echo", ["hello"])).rejects.toMatchObject({
    message: "JSONDecodeError: Expecting value: line 1 column 1 (char 0)",
  });
});
