import { expect, test } from "vitest";
import { passwords } from "../../src/auth/passwords.ts";
import { netconduit } from "../../src/dialects/netconduit/index.ts";
import { conduit } from "../../src/features/conduit/index.ts";
import { rateLimit } from "../../src/features/rate-limit/index.ts";
import { connect, createServer } from "../../src/presets/node.ts";
import { dialectSuite } from "../../src/testing/dialect-suite.ts";
import { makeCertificate } from "./certificate.ts";

const server = { authenticator: passwords("secret123"), plaintext: "allow" } as const;
const client = { credentials: { scheme: "password", password: "secret123" } } as const;

// Its numbers have none for CONFLICT: the codes arrive as those of the original.
const keepsCodes = false;

dialectSuite("netconduit", () => ({ dialect: netconduit(), server, client, keepsCodes }));

dialectSuite("netconduit with compression", () => ({
  dialect: netconduit({ compression: true }),
  ...{ server, client, keepsCodes },
}));

const authenticator = passwords("secret123");
const { credentials } = client;

test("netconduit inside TLS is served beyond loopback, and its server is proven", async () => {
  const certificate = makeCertificate();
  const served = createServer({ authenticator, tls: certificate });
  served.expose({ double: (n: number) => 2 * n });
  const { address } = await served.listen("netconduit+tls://0.0.0.0:0");
  const url = `netconduit+tls://127.0.0.1:${address.port}`;
  const caller = await connect(url, { credentials, tlsCa: certificate.cert });
  expect(await caller.call("double", [4])).toBe(8);
  await caller.close();
  await expect(connect(url, { credentials })).rejects.toMatchObject({ code: "HANDSHAKE_FAILED" });
  await served.close({ drainMs: 0 });
});

test("netconduit in clear stays on loopback, also on IPv6, unless told otherwise", async () => {
  const served = createServer({ authenticator });
  await expect(served.listen("netconduit://0.0.0.0:0")).rejects.toMatchObject({
    message: expect.stringContaining('plaintext: "allow"'),
  });
  served.expose({ double: (n: number) => 2 * n });
  const { address } = await served.listen("netconduit://[::1]:0");
  const caller = await connect(address.href, { credentials });
  expect(await caller.call("double", [4])).toBe(8);
  await caller.close();
  await served.close({ drainMs: 0 });
});

test("server and client call each other over TCP, each with calls of its own open", async () => {
  const served = createServer({ authenticator });
  served.procedure("greet", async ({ args, peer }) => {
    const title = await served.connections.get(peer.id)?.call("title", args.positional);
    return `Hello, ${title}!`;
  });
  const { address } = await served.listen("netconduit://127.0.0.1:0");
  const caller = await connect(address.href, { credentials });
  caller.expose({ title: (name: string) => `Dr. ${name}`, sum: (a: number, b: number) => a + b });
  const names = Array.from({ length: 64 }, (_, n) => `N${n}`);
  const greetings = await Promise.all(names.map((name) => caller.call("greet", [name])));
  expect(greetings).toEqual(names.map((name) => `Hello, Dr. ${name}!`));
  const [connection] = served.connections.values();
  expect(await connection?.call("sum", [2, 3])).toBe(5);
  await expect(connection?.call("absent")).rejects.toMatchObject({ code: "NOT_FOUND" });
  await caller.close();
  await served.close({ drainMs: 0 });
});

test("rate-limit: what is too much is answered with 6000 rather than swallowed", async () => {
  const { screen } = rateLimit({ messagesPerSecond: 2 });
  const served = createServer({ authenticator, screen });
  served.expose({ double: (n: number) => 2 * n });
  const { address } = await served.listen("netconduit://127.0.0.1:0");
  const caller = await connect(address.href, { credentials });
  const raw = caller.install(conduit());
  const answers = await Promise.all([1, 2, 3].map(() => raw.callRaw("double")));
  expect(answers[2]).toMatchObject({
    ...{ success: false, code: 6000 },
    details: { retry_after: expect.any(Number) },
  });
  await caller.close();
  await served.close({ drainMs: 0 });
});
