import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import { passwords } from "../../../src/auth/passwords.ts";
import { SealwireError } from "../../../src/core/model/errors.ts";
import type { NetconduitOptions } from "../../../src/dialects/netconduit/index.ts";
import { connect, createServer, type NodeClientOptions } from "../../../src/presets/node.ts";
import type { ServerOptions } from "../../../src/server/options.ts";
import { originalProcedures } from "../../netconduit/original-procedures.ts";

const execute = promisify(execFile);
/** Debian's own, which has the packages that the set-up installs. */
const PYTHON = "/usr/bin/python3";
const PASSWORD = "interop-é-secret";
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

const opened: { close(): unknown }[] = [];

afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});

describe("a client in Python, made from the notes, and our server", () => {
  test("calls, also with ids of 64 bits, and errors in the words of the original", async () => {
    const [welcome, sum, hello, echoed, wrong, extra, thrown, page, unknown, listed] =
      await played("calls");
    expect(welcome).toEqual([["server_info", "session_token"], 128, "interop"]);
    expect(sum).toEqual({ success: true, data: 5 });
    expect(hello).toEqual({ success: true, data: "Hello, Zoë 日本 😀!" });
    expect(echoed).toMatchObject({ data: [1, 2.5, "00ff", null, { k: {} }, 2 ** 63, -(2 ** 63)] });
    expect(wrong).toMatchObject({
      ...{ success: false, error: "Validation error in add", code: 2000 },
      details: { errors: [{ type: "int_parsing" }, { field: "b", type: "missing" }] },
    });
    expect(extra).toMatchObject({
      code: 2000,
      details: { errors: [{ field: "c", type: "extra_forbidden" }] },
    });
    expect(thrown).toEqual({
      ...{ success: false, error: "Error in calculate: Division by zero", code: 1001 },
    });
    expect(page).toMatchObject({ pagination: { total: 5, page: 2, has_next: true } });
    expect(unknown).toMatchObject({ code: 4000, error: "RPC method not found: nobody" });
    expect(listed).toEqual({
      ...{ name: "add", description: "Sum of two integers.", return_type: "int" },
      ...{ parameters: { a: "int", b: "int" }, requires_auth: true },
    });
  });

  test("64 calls at once get their own answers", async () => {
    expect(await played("many")).toEqual([true]);
  });

  test("messages are answered by type, and chat reaches the others", async () => {
    const pong = (n: number) => ({ type: "ping_response", data: { pong: true, data: { n } } });
    expect(await played("messages")).toEqual([
      ...[pong(0), pong(1), pong(2)],
      { type: "chat_response", data: { delivered: 1 } },
      { type: "chat", data: { from: "one", text: "hi" } },
    ]);
  });

  test("a login and requests may come in pieces of seven bytes", async () => {
    expect(await played("pieces")).toEqual([true, 0, 1, 2]);
  });

  test("what is compressed is understood, and compressed only when asked for", async () => {
    expect(await played("compression")).toEqual([[0, true]]);
    expect(await played("compression", { netconduit: { compression: true } })).toEqual([[1, true]]);
  });

  test("both sides ask and answer; who does not answer is closed", async () => {
    const heartbeat = { intervalMs: 100, timeoutMs: 200 };
    expect(await played("heartbeats", { heartbeat })).toEqual([true, [5, 5], ["closed", true]]);
  });

  test("a call of the server is heard, not answered, and ends by its timeout", async () => {
    expect(await played("called")).toEqual([
      [2, true, { method: "double", params: { n: 2 } }],
      { type: "call me_response", data: "DEADLINE_EXCEEDED" },
      { success: true, data: "still here" },
    ]);
  });

  test("a wrong password is refused as the original does it", async () => {
    const [said] = await played("refused", {}, "another");
    expect(said).toEqual([9, { reason: "Invalid password" }, null]);
  });
});

describe("our client, and a server in Python that is as strict as the original", () => {
  test("calls by name, and by position with the names of its list", async () => {
    const { client, said } = await joined();
    expect(await client.call("add", { a: 2, b: 3 })).toBe(5);
    expect(await client.call("add", [5, 7])).toBe(12);
    expect(await client.call("echo", ["alone"])).toBe("alone");
    const bytes = Uint8Array.of(0, 255);
    expect(await client.call("echo", { value: [1, 2.5, bytes, null, 2n ** 63n] })).toEqual([
      ...[1, 2.5, bytes, null, 2n ** 63n],
    ]);
    expect(await client.call("$list")).toMatchObject([{ name: "add", params: ["a", "b"] }]);
    await expect(client.call("fail")).rejects.toMatchObject({
      ...{ code: "INTERNAL", message: "Error in fail: it broke", details: { code: 1001 } },
    });
    await expect(client.call("nobody")).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(said[0]).toMatchObject({ login: "conduit_client" });
  });

  test("64 calls at once get their own answers", async () => {
    const { client } = await joined();
    const numbers = Array.from({ length: 64 }, (_, n) => n);
    const calls = numbers.map((n) => client.call("echo", { value: n }));
    expect(await Promise.all(calls)).toEqual(numbers);
  });

  test("messages and their replies, broadcasts, and a stray RESUME", async () => {
    const { client } = await joined();
    const reply = new Promise((resolve) => client.onEvent("ping_response", resolve));
    const shout = new Promise((resolve) => client.onEvent("shout", resolve));
    await client.emit("ping", { n: 1 });
    expect(await reply).toEqual({ pong: true, data: { n: 1 } });
    await client.emit("shout", [1]);
    expect(await shout).toEqual([1]);
  });

  test("heartbeats go both ways while a call runs long", async () => {
    const heartbeat = { intervalMs: 50, timeoutMs: 5_000 };
    const { client, said } = await joined({ heartbeat }, ["0.1", "0.4"]);
    expect(await client.ping()).toBeGreaterThan(0);
    await expect(client.call("slow", { seconds: 0.3 })).resolves.toBe(0.3);
    expect(await client.call("echo", { value: 1 })).toBe(1);
    expect(said).not.toContain("killed");
  });

  test("compressed both ways", async () => {
    const netconduit: NetconduitOptions = { compression: true };
    const { client } = await joined({ netconduit }, ["30", "90", "compress"]);
    expect(await client.call("echo", { value: "A".repeat(5_000) })).toBe("A".repeat(5_000));
  });

  test("comes back after a break with a login of its own", async () => {
    const { client, said } = await joined({ reconnect: { baseMs: 10 } });
    await expect(client.call("drop")).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(await client.call("echo", { value: "again" })).toBe("again");
    expect(said.filter(isLogin)).toHaveLength(2);
  });

  test("a wrong password is final", async () => {
    const { url } = await python(["30", "90"]);
    const credentials = { scheme: "password", password: "another" } as const;
    await expect(connect(url, { credentials })).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  });
});

function isLogin(said: unknown): boolean {
  return typeof said === "object" && said !== null && "login" in said;
}

/** What the Python client prints in a scenario against a server of ours. */
async function played(
  scenario: string,
  options: ServerOptions & { readonly netconduit?: NetconduitOptions } = {},
  password = PASSWORD,
): Promise<readonly unknown[]> {
  const server = createServer({ authenticator: passwords(PASSWORD), name: "interop", ...options });
  originalProcedures(server);
  server.onEvent("chat", (data, from) => {
    const others = [...server.connections.values()].filter(({ id }) => id !== from.id);
    for (const other of others) void other.emit("chat", data);
    return { delivered: others.length };
  });
  server.onEvent("call me", (_, { id }) => {
    const call = server.connections
      .get(id)
      ?.call("double", [], { named: { n: 2 }, timeoutMs: 100 });
    return call?.catch((thrown: unknown) => SealwireError.from(thrown).code);
  });
  opened.push({ close: () => server.close({ drainMs: 0 }) });
  const { address } = await server.listen("netconduit://127.0.0.1:0");
  const args = ["-B", here("client.py"), address.hostname, address.port, scenario, password];
  const { stdout, stderr } = await execute(PYTHON, args, { timeout: 30_000 });
  expect(stderr).toBe("");
  return lines(stdout);
}

function lines(text: string): readonly unknown[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line): unknown => JSON.parse(line));
}

/** A Python server on a port of its own, and what it has said since. */
async function python(args: readonly string[]) {
  const child: ChildProcess = spawn(PYTHON, ["-B", here("server.py"), PASSWORD, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  opened.push({ close: () => child.kill() });
  const said: unknown[] = [];
  const port = await new Promise((resolve, reject) => {
    child.once("exit", () => reject(new Error("the Python server has ended")));
    if (!child.stdout) return;
    createInterface(child.stdout).on("line", (line) => {
      const value: unknown = JSON.parse(line);
      if (typeof value === "number") resolve(value);
      else said.push(value);
    });
  });
  return { url: `netconduit://127.0.0.1:${port}`, said };
}

async function joined(options: NodeClientOptions = {}, args: readonly string[] = ["30", "90"]) {
  const { url, said } = await python(args);
  const credentials = { scheme: "password", password: PASSWORD } as const;
  const client = await connect(url, { credentials, ...options });
  opened.push(client);
  return { client, said };
}
