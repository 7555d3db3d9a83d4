import { afterAll, beforeAll, expect, it } from "vitest";
import { apiKeyRecord, apiKeys, createServer, firstOf, passwords } from "../../src/presets/node.ts";
import { run } from "./program.ts";

const PASSWORD = "a password that is long enough: 7c1e";
const KEY = "a key that is long enough: 5b2d90";
let server: ReturnType<typeof createServer>;
beforeAll(async () => {
  const keys = apiKeys([await apiKeyRecord(KEY, { user: "ann" })]);
  server = createServer({ authenticator: firstOf(passwords(PASSWORD), keys) });
  let release = () => {};
  server.expose({
    greet(name: string) {
      // Where answers keep the order of the questions, this one comes after that of `slow`.
      release();
      return `Hello, ${name}!`;
    },
    slow: () =>
      new Promise<void>((resolve) => {
        release = resolve;
      }),
  });
});
afterAll(() => server.close());

it.each([
  ["trust-rpc", { scheme: "password", password: PASSWORD }],
  ["zmq-password", { scheme: "password", password: PASSWORD }],
  ["netconduit", { scheme: "password", password: PASSWORD }],
  ["nacl-box+zmq", { scheme: "api-key", key: KEY }],
  ["nacl-box+ws", { scheme: "api-key", key: KEY }],
])("speaks the language of the address: %s", async (scheme, credentials) => {
  const { address } = await server.listen(`${scheme}://127.0.0.1:0`);
  expect(
    await run(`
      const client = connectSync(${JSON.stringify(address)}, ${JSON.stringify({ credentials })});
      console.log(client.greet("Bob"));
      try {
        client.$call("slow", [], { timeoutMs: 100 });
      } catch (error) {
        console.log(error.code);
      }
      console.log(client.greet("Ann"));`),
  ).toEqual({
    ...{ code: 0, signal: null, err: "" },
    out: "Hello, Bob!\nDEADLINE_EXCEEDED\nHello, Ann!\n",
  });
});
