import { expect, test } from "vitest";
import { passwords } from "../../src/auth/passwords.ts";
import { Client } from "../../src/client/client.ts";
import { trustRpc } from "../../src/dialects/trust-rpc/index.ts";
import { NODE_PLATFORM } from "../../src/presets/platform.node.ts";
import { Server } from "../../src/server/server.ts";
import { dialectSuite } from "../../src/testing/dialect-suite.ts";
import { tls } from "../../src/transports/tcp/tls.ts";
import { makeCertificate } from "./certificate.ts";

const TRUST_ID = "a-secret-for-tests";
const credentials = { scheme: "password", password: TRUST_ID } as const;

dialectSuite("trust-rpc", () => ({
  dialect: trustRpc(),
  server: { authenticator: passwords(TRUST_ID), plaintext: "allow" },
  client: { credentials },
  answersInOrder: true,
}));

test("trust-rpc inside TLS is served beyond loopback, and its server is proven", async () => {
  const certificate = makeCertificate();
  const dialect = trustRpc();
  const serving = { "trust-rpc+tls": { transport: tls(certificate), dialect } };
  const platform = NODE_PLATFORM;
  const surroundings = { platform, schemes: serving, fingerprint: async () => "" };
  const server = new Server({ authenticator: passwords(TRUST_ID) }, surroundings);
  server.expose({ greet: (name: string) => `Hello, ${name}!` });
  const { address } = await server.listen("trust-rpc+tls://0.0.0.0:0");
  const url = new URL(`trust-rpc+tls://127.0.0.1:${address.port}`);
  const calling = { "trust-rpc+tls": { transport: tls({ ca: certificate.cert }), dialect } };
  const client = new Client(url, { credentials }, { platform, schemes: calling });
  await client.open(undefined);
  expect(await client.call("greet", ["Ann"])).toBe("Hello, Ann!");
  await client.close();
  const stranger = new Client(url, { credentials }, { platform, schemes: serving });
  await expect(stranger.open(undefined)).rejects.toMatchObject({ code: "HANDSHAKE_FAILED" });
  await server.close({ drainMs: 0 });
});
