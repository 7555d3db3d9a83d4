import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { decodeBase64 } from "../../../src/bytes/text.ts";
import { formatPublicKey } from "../../../src/crypto/format-keys.ts";
import { generateKeyPair } from "../../../src/crypto/keys.ts";
import { nobleCrypto } from "../../../src/crypto/providers/noble.ts";
import { connect, type NodeClient, type NodeClientOptions } from "../../../src/presets/node.ts";
import { type PythonServer, pythonPeers } from "../python.ts";

const peers = pythonPeers(import.meta.url);
let server: PythonServer;
const clients: NodeClient[] = [];

beforeAll(async () => {
  server = await peers.server("0");
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
});
afterAll(() => server.kill());

async function connected(
  port: string,
  key = "abc",
  options: NodeClientOptions = {},
): Promise<NodeClient> {
  const credentials = { scheme: "api-key", key } as const;
  const client = await connect(`nacl-box+zmq://127.0.0.1:${port}`, { credentials, ...options });
  clients.push(client);
  return client;
}

describe("a server in Python", () => {
  test("is called by position, by name and both", async () => {
    const client = await connected(server.port);
    expect(await client.call("ping")).toBe("pong");
    expect(await client.call("add", [40, 2])).toBe(42);
    expect(await client.call("add", { a: "ä", b: "😀" })).toBe("ä😀");
    expect(await client.call("add", ["a"], { named: { b: "b" } })).toBe("ab");
    expect(await client.call("nan")).toEqual([Number.NaN, 2n ** 64n + 1n]);
    expect(await client.ping()).toBeGreaterThan(0);
  });

  test("knows eight clients at once by their keys", async () => {
    const names = Array.from({ length: 8 }, (_, i) => i);
    const all = await Promise.all(names.map((name) => connected(server.port, `key-${name}`)));
    const calls = all.flatMap((client) => Array.from({ length: 25 }, () => client.call("whoami")));
    expect(await Promise.all(calls)).toEqual(names.flatMap((name) => Array(25).fill(name)));
  });

  test("fails by kind: wrong key, unknown function, failed function", async () => {
    const client = await connected(server.port);
    const stranger = await connected(server.port, "wrong");
    expect(await stranger.call("ping")).toBe("pong");
    await expect(stranger.call("whoami")).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    await expect(client.call("nope")).rejects.toMatchObject({ code: "NOT_FOUND" });
    const failed = { code: "INTERNAL", message: "böse" };
    await expect(client.call("fail", ["böse"])).rejects.toMatchObject(failed);
  });

  test("gives each of 64 calls made at once its own answer", async () => {
    const client = await connected(server.port);
    const numbers = Array.from({ length: 64 }, (_, i) => i);
    const calls = numbers.map((n) => client.call("slow", [n % 2 === 0 ? 0.005 : 0, n]));
    expect(await Promise.all(calls)).toEqual(numbers);
  });

  test("answers too late: the call fails, the client goes on and no answer is mistaken", async () => {
    const client = await connected(server.port);
    const late = client.call("slow", [0.4, "late"], { timeoutMs: 100 });
    const waiting = [1, 2, 3].map((n) => client.call("echo", [n]));
    await expect(late).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
    expect(await Promise.all(waiting)).toEqual([1, 2, 3]);
    expect(await client.call("slow", [0.5, "in time"])).toBe("in time");
  });

  test("keeps what the client shares", async () => {
    const client = await connected(server.port);
    await client.shared.set("zahl", 77);
    client.shared["name"] = "Ö";
    await expect.poll(() => client.call("shared")).toEqual({ zahl: 77, name: "Ö" });
    expect(client.shared.get("zahl")).toBe(77);
  });

  test("is not believed when a result comes in clear", async () => {
    const client = await connected(server.port);
    const forged = client.call("forge", ['{"status": "ok", "result": "you won"}']);
    await expect(forged).rejects.toThrow();
    expect(await client.call("ping")).toBe("pong");
    const refused = client.call("forge", ['{"status": "error", "error": "nein"}']);
    await expect(refused).rejects.toMatchObject({ code: "INTERNAL", message: "nein" });
  });

  test("that comes back with other keys is greeted anew", async () => {
    const mortal = await peers.server("0");
    const client = await connected(mortal.port, "abc", { reconnect: { baseMs: 20 } });
    expect(await client.call("whoami")).toBe(1);
    await mortal.kill();
    const again = await peers.server(mortal.port);
    expect(await client.call("whoami", [], { idempotent: true })).toBe(1);
    await again.kill();
  });

  test("is believed under its pin alone, where there is one", async () => {
    const told = await (await connected(server.port)).call("__get_public_key__");
    const pin = formatPublicKey(decodeBase64(String(told)) ?? new Uint8Array(0));
    const client = await connected(server.port, "abc", { pin });
    expect(await client.call("whoami")).toBe(1);
    const other = formatPublicKey((await generateKeyPair(nobleCrypto())).publicKey);
    const failed = connected(server.port, "abc", { pin: other });
    await expect(failed).rejects.toMatchObject({ code: "HANDSHAKE_FAILED" });
  });
});
