import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Client } from "../../../src/client/client.ts";
import { connectTo } from "../../../src/client/connect.ts";
import type { ClientOptions } from "../../../src/client/options.ts";
import { zmqPassword } from "../../../src/dialects/zmq-password/index.ts";
import { NODE_PLATFORM } from "../../../src/presets/platform.node.ts";
import { zeromq } from "../../../src/transports/zeromq/index.ts";
import { type PythonServer, pythonPeers } from "../python.ts";

const peers = pythonPeers(import.meta.url);
const PASSWORD = "s3cret-pässwort";
let server: PythonServer;
const clients: Client[] = [];

beforeAll(async () => {
  server = await peers.server("0", PASSWORD);
});

afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
});

afterAll(() => server.kill());

async function connect(port: string, options: ClientOptions = {}): Promise<Client> {
  const schemes = { zmq: { transport: zeromq(), dialect: zmqPassword() } };
  const credentials = { scheme: "password", password: PASSWORD } as const;
  const client = await connectTo(
    `zmq://127.0.0.1:${port}`,
    { credentials, ...options },
    { platform: NODE_PLATFORM, schemes },
  );
  clients.push(client);
  return client;
}

describe("a server in Python", () => {
  test("is called by position, by name and both", async () => {
    const client = await connect(server.port);
    expect(await client.call("ping")).toBe("pong");
    expect(await client.call("add", [40, 2])).toBe(42);
    expect(await client.call("add", { a: "ä", b: "😀" })).toBe("ä😀");
    expect(await client.call("types", [1, 1.5, 2n ** 70n, "x", null, true, [], {}])).toEqual([
      ["int", "float", "int", "str", "NoneType", "bool", "list", "dict"],
      {},
    ]);
    expect(await client.call("add", ["a"], { named: { b: "b" } })).toBe("ab");
  });

  test("answers with numbers that JSON has not", async () => {
    const client = await connect(server.port);
    expect(await client.call("nan")).toEqual([Number.NaN, Infinity, -Infinity]);
    expect(await client.call("big")).toBe(2n ** 64n + 1n);
  });

  test("fails by kind: wrong password, unknown function, failed function, nonsense", async () => {
    const client = await connect(server.port);
    const credentials = { scheme: "password", password: "falsch" } as const;
    const stranger = await connect(server.port, { credentials });
    await expect(stranger.call("ping")).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    await expect(client.call("nope")).rejects.toMatchObject({ code: "NOT_FOUND" });
    const failed = { code: "INTERNAL", message: "böse" };
    await expect(client.call("fail", ["böse"])).rejects.toMatchObject(failed);
    for (const kind of ["text", "list", "bare"]) {
      const malformed = client.call("malformed", [kind]);
      await expect(malformed).rejects.toMatchObject({ code: "PROTOCOL_VIOLATION" });
    }
    expect(await client.call("ping")).toBe("pong");
  });

  test("gives each of 64 calls made at once its own answer", async () => {
    const client = await connect(server.port);
    const numbers = Array.from({ length: 64 }, (_, i) => i);
    const answers = await Promise.all(
      numbers.map((n) => client.call("slow", [n % 2 === 0 ? 0.005 : 0, n])),
    );
    expect(answers).toEqual(numbers);
  });

  test("answers too late: the call fails, the client goes on and no answer is mistaken", async () => {
    const client = await connect(server.port);
    const late = client.call("slow", [0.4, "late"], { timeoutMs: 100 });
    const waiting = [1, 2, 3].map((n) => client.call("echo", [n]));
    await expect(late).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
    expect(await Promise.all(waiting)).toEqual([1, 2, 3]);
    expect(await client.call("slow", [0.5, "in time"])).toBe("in time");
  });

  test("that crashes and comes back is found again", async () => {
    const mortal = await peers.server("0", PASSWORD);
    const client = await connect(mortal.port, { reconnect: { baseMs: 20 } });
    expect(await client.call("ping")).toBe("pong");
    await mortal.kill();
    const again = await peers.server(mortal.port, PASSWORD);
    expect(await client.call("ping", [], { idempotent: true })).toBe("pong");
    await again.kill();
  });
});
