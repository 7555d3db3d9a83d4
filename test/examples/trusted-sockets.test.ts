import { afterEach, expect, it } from "vitest";
import { type Program, typed } from "./program.ts";

const TRUST_ID = "trust-id-of-the-test";
const running: Program[] = [];

afterEach(async () => {
  for (const program of running.splice(0)) {
    program.signal("SIGKILL");
    await program.ended();
  }
});

/** Runs a line as it would be typed, with the secret of both sides in its environment. */
function withSecret(line: string, secret = TRUST_ID): Program {
  const program = typed(`exec env TRUST_ID=${secret} ${line}`);
  running.push(program);
  return program;
}

async function listening(program: Program): Promise<string> {
  return /trust-rpc:\S+/.exec(await program.line(/^listening /))?.[0] ?? "";
}

function served(): Promise<string> {
  const address = "--listen trust-rpc://127.0.0.1:0";
  const module = "examples/trusted-sockets/server.ts";
  return listening(withSecret(`node bin/sealwire.js serve ${module} ${address}`));
}

const HANDSHAKE = [
  "Client: Received challenge.",
  "Client: Sent response.",
  "Client: Handshake successful.",
];

it("does and prints what the client of the document does and prints", async () => {
  const url = await served();
  const run = "node scripts/run.js examples/trusted-sockets/client.ts";
  const client = withSecret(`TRUST_URL=${url} ${run}`);
  expect(await client.ended(), client.errors()).toBe(0);
  expect(client.lines).toEqual([
    ...HANDSHAKE,
    "Async 'greet' result: Hello, Alice!",
    "Async 'long_running_task' result: Task completed after 2 seconds.",
    "Async error test successful: NameError: Method 'non_existent_function' not found.",
    "",
    "--- Testing Sync RPC Call ---",
    ...HANDSHAKE,
    "Sync 'greet' result: Hello, Bob!",
    ...HANDSHAKE,
    "Sync error test successful: TypeError: Name must be a string",
    "--- Sync Test Finished ---",
  ]);
  expect(client.errors()).not.toContain(TRUST_ID);
});

it("is refused with another secret, and says what to do without one", async () => {
  const url = await served();
  const run = "node scripts/run.js examples/trusted-sockets/client.ts";
  const stranger = withSecret(`TRUST_URL=${url} ${run}`, "another");
  expect(await stranger.ended()).not.toBe(0);
  expect(stranger.errors()).toContain("UNAUTHENTICATED");
  const careless = withSecret(`TRUST_URL=${url} ${run}`, "");
  expect(await careless.ended()).toBe(2);
  expect(careless.errors()).toContain("TRUST_ID");
});

it("answers the command line", async () => {
  const url = await served();
  const call = (...words: string[]) =>
    withSecret(`node bin/sealwire.js call ${url} ${words.join(" ")}`);
  const greeting = call("greet", "Ann");
  expect(await greeting.ended(), greeting.errors()).toBe(0);
  expect(greeting.lines).toEqual(['"Hello, Ann!"']);
  const echo = call("echo", "'[1,{\"a\":null}]'", "--json");
  expect(await echo.ended(), echo.errors()).toBe(0);
  expect(echo.lines.join("")).toContain('[1,{"a":null}]');
  const task = call("long_running_task", "x");
  expect(await task.ended()).toBe(1);
  expect(task.errors()).toContain("'<=' not supported between instances of 'str' and 'int'");
});

it("chats: each line comes back", async () => {
  const address = "TRUST_URL=trust-rpc://127.0.0.1:0";
  const server = withSecret(
    `${address} node scripts/run.js examples/trusted-sockets/chat-server.ts`,
  );
  const url = await listening(server);
  const chat = withSecret(
    `TRUST_URL=${url} sh -c "printf 'hello\\n123\\nexit\\n' | ` +
      `node scripts/run.js examples/trusted-sockets/chat.ts"`,
  );
  expect(await chat.ended(), chat.errors()).toBe(0);
  expect(chat.lines.slice(1)).toEqual(["Echo from server: hello", "Echo from server: 123"]);
  server.signal("SIGTERM");
  expect(await server.ended()).toBe(0);
});
