import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { passwords } from "../../../src/auth/passwords.ts";
import { Client } from "../../../src/client/client.ts";
import { type TrustRpcOptions, trustRpc } from "../../../src/dialects/trust-rpc/index.ts";
import { NODE_PLATFORM } from "../../../src/presets/platform.node.ts";
import { Server } from "../../../src/server/server.ts";
import { tcp } from "../../../src/transports/tcp/tcp.ts";
import { originalProcedures } from "../../trust-rpc/procedures.ts";

const execute = promisify(execFile);
/** Debian's own; nothing but its standard library is used. */
const PYTHON = "/usr/bin/python3";
const TRUST_ID = "interop-é-secret";
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const schemesOf = (options?: TrustRpcOptions) => ({
  "trust-rpc": { transport: tcp(), dialect: trustRpc(options) },
});

const opened: { close(): unknown }[] = [];

afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});

async function served(options?: TrustRpcOptions): Promise<URL> {
  const fingerprint = async () => "";
  const surroundings = { platform: NODE_PLATFORM, schemes: schemesOf(options), fingerprint };
  const server = new Server({ authenticator: passwords(TRUST_ID) }, surroundings);
  originalProcedures(server, async (seconds) => {
    await new Promise((resolve) => setTimeout(resolve, Number(seconds) * 1_000));
  });
  server.expose({ chat: (line: string) => line });
  opened.push({ close: () => server.close({ drainMs: 0 }) });
  return (await server.listen("trust-rpc://127.0.0.1:0")).address;
}

describe("a client in Python, made from the description", () => {
  let address: URL;

  beforeEach(async () => {
    address = await served();
  });

  /** What the client prints in a scenario. */
  async function python(scenario: string, trustId = TRUST_ID, at = address): Promise<unknown[]> {
    const args = ["-B", here("client.py"), at.hostname, at.port, scenario];
    const env = { ...process.env, TRUST_ID: trustId };
    const { stdout, stderr } = await execute(PYTHON, args, { env, timeout: 30_000 });
    expect(stderr).toBe("");
    const said = stdout.split("\n").filter((line) => line !== "");
    return said.map((line): unknown => JSON.parse(line));
  }

  test("calls, and hears errors in Python's words", async () => {
    const echoed = await python("calls");
    expect(echoed.slice(0, 6)).toEqual([
      "Hello, Zoë 日本 😀!",
      "Hello, Ann!",
      "TypeError: Name must be a string",
      "TypeError: greet() missing 1 required positional argument: 'name'",
      "TypeError: greet() takes 1 positional argument but 2 were given",
      "NameError: Method 'nobody' not found.",
    ]);
    expect(echoed[6]).toMatchObject({ kwargs: { k: { deep: [1] } } });
    expect(echoed[7]).toBe("Task completed after 0.05 seconds.");
  });

  test("gets its own answers to 64 calls at once on each of 8 connections", async () => {
    expect(await python("many")).toEqual([Array.from({ length: 8 }, () => true)]);
  });

  test("gets answers in the order of its requests, and other clients do not wait", async () => {
    expect(await python("order")).toEqual([[1, 2, 3]]);
    expect(await python("apart")).toEqual([true]);
  });

  test("may send in any pieces", async () => {
    expect(await python("pieces")).toEqual([
      { id: "p1", result: "Hello, Piece!", error: null },
      { id: "p2", result: "Hello, Bytes!", error: null },
    ]);
  });

  test("is answered after it has ended its side", async () => {
    expect(await python("half_close")).toEqual([
      "Hello, first!",
      "Task completed after 0.2 seconds.",
      "Hello, last!",
      true,
    ]);
    expect(await python("half_close_at_once")).toEqual(["Hello, quick!", true]);
    expect(await python("half_close_unread")).toEqual([true]);
  });

  test("is told what is wrong with a frame that is no request, and goes on", async () => {
    const expecting = "Expecting value: line 1 column 1 (char 0)";
    const none = (error: string) => `{"id": null, "result": null, "error": "${error}"}`;
    expect(await python("odd")).toEqual([
      none(`JSONDecodeError: ${expecting}`),
      none(
        "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte",
      ),
      none("AttributeError: 'list' object has no attribute 'get'"),
      none(`JSONDecodeError: ${expecting}`),
      `{"id": {"x": [1]}, "result": null, "error": "KeyError: 'method'"}`,
    ]);
  });

  test("chats, where the server was told to", async () => {
    const chatting = await served({ chat: "chat" });
    expect(await python("lines", TRUST_ID, chatting)).toEqual(["hello", "123", "日本"]);
  });

  test("is refused with another secret", async () => {
    expect(await python("refused", "another")).toEqual(["FAIL"]);
  });
});

describe("a server in Python, made from the description", () => {
  /** Where it listens. */
  async function python(way: string): Promise<URL> {
    const env = { ...process.env, TRUST_ID };
    const child: ChildProcess = spawn(PYTHON, ["-B", here("server.py"), way], { env });
    const ended = once(child, "close");
    opened.push({
      close: () => {
        child.kill("SIGKILL");
        return ended;
      },
    });
    if (!child.stdout) throw new Error("no output");
    const [line] = await once(createInterface(child.stdout), "line");
    const port = String(line).split("::").at(-1);
    return new URL(`trust-rpc://127.0.0.1:${port}`);
  }

  async function connected(address: URL, password = TRUST_ID): Promise<Client> {
    const credentials = { scheme: "password", password } as const;
    const surroundings = { platform: NODE_PLATFORM, schemes: schemesOf() };
    const reconnect = { baseMs: 10, attempts: 20 };
    const client = new Client(address, { credentials, reconnect }, surroundings);
    await client.open(undefined);
    opened.push(client);
    return client;
  }

  test.each(["ordered", "bytes"])("is called (%s), and its errors have codes", async (way) => {
    const client = await connected(await python(way));
    expect(await client.call("greet", ["Zoë 😀"])).toBe("Hello, Zoë 😀!");
    expect(await client.call("greet", { name: "Ann" })).toBe("Hello, Ann!");
    const echoed = await client.call("echo", [2n ** 70n, 1.5, null], { named: { k: [1] } });
    expect(echoed).toEqual({ args: [2n ** 70n, 1.5, null], kwargs: { k: [1] } });
    await expect(client.call("greet", [1])).rejects.toMatchObject({
      ...{ code: "INVALID_ARGUMENT", message: "TypeError: Name must be a string" },
    });
    await expect(client.call("nobody")).rejects.toMatchObject({
      ...{ code: "NOT_FOUND", message: "NameError: Method 'nobody' not found." },
    });
    await expect(client.call("divide", [1, 0])).rejects.toMatchObject({
      ...{ code: "INTERNAL", message: "ZeroDivisionError: division by zero" },
    });
  });

  test.each(["ordered", "shuffled"])("answers 64 calls at once (%s)", async (way) => {
    const client = await connected(await python(way));
    const names = Array.from({ length: 64 }, (_, i) => `n${i}`);
    const answers = await Promise.all(names.map((name) => client.call("greet", [name])));
    expect(answers).toEqual(names.map((name) => `Hello, ${name}!`));
  });

  test("does not hold a client that gives up waiting", async () => {
    const client = await connected(await python("ordered"));
    const slow = client.call("long_running_task", [0.3], { timeoutMs: 50 });
    await expect(slow).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
    expect(await client.call("greet", ["Ann"])).toBe("Hello, Ann!");
  });

  test("may leave while calls are open: they fail, and the next ones go to a new connection", async () => {
    const client = await connected(await python("leaving"));
    const calls = ["a", "b", "c", "d"].map((name) => client.call("greet", [name]));
    const [first, second, ...lost] = await Promise.allSettled(calls);
    expect([first, second]).toMatchObject([{ value: "Hello, a!" }, { value: "Hello, b!" }]);
    expect(lost).toMatchObject([
      { reason: { code: "UNAVAILABLE" } },
      { reason: { code: "UNAVAILABLE" } },
    ]);
    expect(await client.call("greet", ["again"])).toBe("Hello, again!");
  });

  test("refuses another secret, and has none to accept when it says nothing", async () => {
    await expect(connected(await python("ordered"), "another")).rejects.toMatchObject({
      code: "UNAUTHENTICATED",
    });
    await expect(connected(await python("silent"))).rejects.toMatchObject({
      code: "HANDSHAKE_FAILED",
    });
  });
});
