import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { apiKeyRecord, apiKeys } from "../../src/auth/api-keys.ts";
import { firstOf } from "../../src/auth/first-of.ts";
import { passwords } from "../../src/auth/passwords.ts";
import { fileClient, files, memoryStore, type Progress } from "../../src/features/files/index.ts";
import {
  connect,
  createServer,
  type NodeClient,
  type NodeServer,
  type WrittenCredentials,
} from "../../src/presets/node.ts";

const PASSWORD = "the password of all these wires";
const KEY = "abc123";

/** Each wire with what proves who calls there, and what it can carry. */
const WIRES: readonly {
  readonly scheme: string;
  readonly credentials: WrittenCredentials;
  readonly events: boolean;
}[] = [
  { scheme: "tcp", credentials: { scheme: "api-key", key: KEY }, events: true },
  { scheme: "ws", credentials: { scheme: "api-key", key: KEY }, events: true },
  { scheme: "netconduit", credentials: passwordOf(), events: true },
  { scheme: "trust-rpc", credentials: passwordOf(), events: false },
  { scheme: "zmq-password", credentials: passwordOf(), events: false },
  { scheme: "nacl-box+zmq", credentials: { scheme: "api-key", key: KEY }, events: false },
  { scheme: "nacl-box+ws", credentials: { scheme: "api-key", key: KEY }, events: false },
];

let server: NodeServer;
const clients = new Map<string, NodeClient>();
const openers = new Map<string, () => Promise<NodeClient>>();

beforeAll(async () => {
  const keys = apiKeys([await apiKeyRecord(KEY, { user: 7 })]);
  server = createServer({ authenticator: firstOf(keys, passwords(PASSWORD)) });
  server.procedure(
    "sub",
    { params: { a: z.number(), b: z.number().default(1) } },
    ({ a, b }) => a - b,
  );
  server.install(files({ store: memoryStore(), chunkBytes: 1_000 }));
  server.procedure("late", ({ args }) => after(5, args.positional[0]));
  const pin = await server.fingerprint();
  for (const { scheme, credentials } of WIRES) {
    const { address } = await server.listen(`${scheme}://127.0.0.1:0`);
    const native = scheme === "tcp" || scheme === "ws";
    const open = () => connect(address, { credentials, ...(native && { pin }) });
    openers.set(scheme, open);
    clients.set(scheme, await open());
  }
});

afterAll(async () => {
  await Promise.all([...clients.values()].map((client) => client.close()));
  await server.close({ drainMs: 0 });
});

it.each(WIRES)("$scheme calls the same procedure by position, by name and both", async (wire) => {
  const client = clientOf(wire.scheme);

  const answers = await Promise.all([
    client.call("sub", [7, 5]),
    client.call("sub", { b: 5, a: 7 }),
    client.call("sub", [7], { named: { b: 5 } }),
    client.call("sub", [7]),
  ]);

  expect(answers).toEqual([2, 2, 2, 6]);
});

it.each(WIRES)("$scheme tells what is wrong with arguments, and goes on", async ({ scheme }) => {
  const client = clientOf(scheme);

  const wrong = [[], [1, 2, 3], { a: 1, c: 2 }, ["x", 1]].map((args) =>
    client.call("sub", args).then(
      () => "no error",
      (error: unknown) => (error instanceof Error ? error.name : "no error of ours"),
    ),
  );

  expect(await Promise.all(wrong)).toEqual(Array(4).fill("SealwireError"));
  await expect(client.call("sub", [1, 1])).resolves.toBe(0);
  await expect(client.call("nobody")).rejects.toMatchObject({ code: "NOT_FOUND" });
});

it.each(WIRES)("$scheme gives each of 64 calls at once its own answer", async ({ scheme }) => {
  const client = clientOf(scheme);
  const numbers = Array.from({ length: 64 }, (_, n) => n);

  const answers = await Promise.all(numbers.map((n) => client.call("late", [n])));

  expect(answers).toEqual(numbers);
});

it.each(WIRES)("$scheme carries files, from where a client was cut off", async ({ scheme }) => {
  const name = `${scheme}.bin`;
  const content = Uint8Array.from({ length: 9_500 }, (_, at) => at);
  const cut = await openers.get(scheme)?.();
  const gone = new Promise((resolve) => server.onDisconnect(resolve));
  const uploading = cut?.install(fileClient()).upload(name, content, {
    onProgress: ({ bytes }) => bytes >= 4_000 && void cut.close(),
  });
  await expect(uploading).rejects.toThrow();
  await gone;
  const remote = clientOf(scheme).install(fileClient());
  const [first] = await progressOf((onProgress) => remote.upload(name, content, { onProgress }));

  expect(first?.resumedBytes).toBeGreaterThanOrEqual(4_000);
  expect(await remote.download(name)).toEqual(content);
});

it("an event reaches all clients whose wire can carry it", async () => {
  const carrying = WIRES.filter(({ events }) => events);
  const heard = carrying.map(async ({ scheme }) => {
    const { promise, resolve } = deferred();
    await clientOf(scheme).onEvent("news", resolve).ready;
    return { promise };
  });
  const waiting = await Promise.all(heard);

  const told = await server.broadcast("news", { text: "hello" });

  expect(told).toEqual({ delivered: carrying.length, skipped: WIRES.length - carrying.length });
  const all = await Promise.all(waiting.map(({ promise }) => promise));
  expect(all).toEqual(carrying.map(() => ({ text: "hello" })));
});

it.each(["zmq-password", "trust-rpc", "netconduit"])(
  "%s is not opened beyond loopback unless that is written out",
  async (scheme) => {
    const opened = server.listen(`${scheme}://0.0.0.0:0`);

    await expect(opened).rejects.toMatchObject({
      code: "PERMISSION_DENIED",
      message: expect.stringContaining('plaintext: "allow"'),
    });
  },
);

/** What a transfer has told of how far it was. */
async function progressOf(
  transfer: (onProgress: (progress: Progress) => void) => Promise<unknown>,
): Promise<readonly Progress[]> {
  const told: Progress[] = [];
  await transfer((progress) => told.push(progress));
  return told;
}

function passwordOf(): WrittenCredentials {
  return { scheme: "password", password: PASSWORD };
}

function clientOf(scheme: string): NodeClient {
  const client = clients.get(scheme);
  if (client) return client;
  throw new Error(`no client speaks ${scheme}`);
}

function deferred(): { promise: Promise<unknown>; resolve: (value: unknown) => void } {
  let resolve: (value: unknown) => void = () => {};
  const promise = new Promise<unknown>((take) => {
    resolve = take;
  });
  return { promise, resolve };
}

function after(ms: number, value: unknown): Promise<unknown> {
  return new Promise((resolve) => setTimeout(resolve, ms, value));
}
