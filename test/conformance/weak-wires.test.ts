import { afterEach, expect, it } from "vitest";
import { passwords } from "../../src/auth/passwords.ts";
import { createServer, generateKeys, type ServerOptions } from "../../src/presets/node.ts";

const opened: { close(options: { drainMs: number }): Promise<void> }[] = [];

afterEach(async () => {
  for (const server of opened.splice(0)) await server.close({ drainMs: 0 });
});

/** What a server says at its start of what its wire does not protect. */
async function warnedAt(url: string): Promise<readonly unknown[]> {
  const warnings: unknown[] = [];
  const logger: ServerOptions["logger"] = {
    ...{ debug() {}, info() {}, error() {} },
    warn: (fields: unknown) => void warnings.push(fields),
  };
  const server = createServer({ authenticator: passwords("secret of this test"), logger });
  opened.push(server);
  await server.listen(url);
  return warnings;
}

const PLAIN = ["encrypted", "serverProven", "forwardSecret", "replayProtected"];
const BOXED = ["serverProven", "forwardSecret", "replayProtected"];

it.each([
  ["zmq-password", PLAIN],
  ["trust-rpc", PLAIN],
  ["netconduit", PLAIN],
  ["nacl-box+zmq", BOXED],
  ["nacl-box+ws", BOXED],
])("%s says at each start what it does not protect", async (scheme, not) => {
  const [warning, ...others] = await warnedAt(`${scheme}://127.0.0.1:0`);
  expect(others).toEqual([]);
  expect(warning).toMatchObject({ address: expect.stringContaining(scheme), not });
});

it("the native wire has nothing to say there", async () => {
  expect(await warnedAt("tcp://127.0.0.1:0")).toEqual([]);
});

it("ZeroMQ may leave loopback with CURVE, and not without", async () => {
  const authenticator = passwords("secret of this test");
  const { secretKey } = await generateKeys();
  const sealed = createServer({ authenticator, curve: { secretKey } });
  const plain = createServer({ authenticator });
  opened.push(sealed, plain);

  await expect(plain.listen("zmq-password://0.0.0.0:0")).rejects.toMatchObject({
    code: "PERMISSION_DENIED",
  });
  await expect(sealed.listen("zmq-password://0.0.0.0:0")).resolves.toMatchObject({
    address: expect.any(URL),
  });
});
