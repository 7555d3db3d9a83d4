import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Server } from "../server/server.ts";
import { connect, createServer, sharedSecret } from "./node.ts";

const SECRET = "kq3XvT9bZ0sYp7LmR2wD8fHcJ5nGa1EuVtQx4oKi";

let home = "";
let told: string[] = [];
const servers: Server[] = [];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "sealwire-home-"));
  vi.stubEnv("SEALWIRE_HOME", home);
  told = [];
  vi.spyOn(process.stderr, "write").mockImplementation((text) => told.push(String(text)) > 0);
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await Promise.all(servers.splice(0).map((server) => server.close()));
  rmSync(home, { recursive: true, force: true });
});

/** A server with new keys of its own. */
async function serve(address: string | URL): Promise<{ server: Server; address: URL }> {
  const server = createServer({ authenticator: sharedSecret(SECRET) });
  servers.push(server);
  return { server, address: (await server.listen(address)).address };
}

const greeting = { reconnect: false } as const;

it("remembers a server on loopback with one line, and refuses another key later", async () => {
  const first = await serve("tcp://127.0.0.1:0");
  const fingerprint = await first.server.fingerprint();
  await expect(connect(first.address, greeting)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  await first.server.close();
  const { address } = await serve(first.address);
  await expect(connect(address, greeting)).rejects.toMatchObject({ code: "HANDSHAKE_FAILED" });
  expect(told).toEqual([`sealwire: remembered the key of ${address.href}: ${fingerprint}\n`]);
  expect(readFileSync(join(home, "known-servers.json"), "utf8")).toContain(fingerprint);
});

it("touches no file with a pin or a shared secret, which need none", async () => {
  const { server, address } = await serve("tcp://127.0.0.1:0");
  const pin = await server.fingerprint();
  await expect(connect(address, { ...greeting, pin })).rejects.toMatchObject({
    code: "UNAUTHENTICATED",
  });
  const credentials = { scheme: "secret", secret: SECRET } as const;
  await (await connect(address, { ...greeting, credentials })).close();
  expect(existsSync(join(home, "known-servers.json"))).toBe(false);
  expect(told).toEqual([]);
});
