import { afterEach, expect, it } from "vitest";
import { passwords } from "../../src/auth/passwords.ts";
import { connect, createServer } from "../../src/presets/node.ts";

const opened: { close(options: { drainMs: number }): Promise<void> }[] = [];

afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close({ drainMs: 0 });
});

// The ninth trap of the note on RPC with ZeroMQ; libzmq does not look at IPv6 unless it is told to.
it("trap 9: localhost is 127.0.0.1 alone on ZeroMQ, where clients of libzmq look", async () => {
  const authenticator = passwords("secret of this test");
  const credentials = { scheme: "password", password: "secret of this test" } as const;
  const server = createServer({ authenticator });
  opened.push(server);
  server.expose({ ping: () => "pong" });
  const { address } = await server.listen("zmq-password://localhost:0");
  expect(address.hostname).toBe("127.0.0.1");

  const client = await connect(`zmq-password://localhost:${address.port}`, { credentials });
  opened.push(client);
  expect(await client.call("ping")).toBe("pong");
  const elsewhere = connect(`zmq-password://[::1]:${address.port}`, { credentials });
  await expect(elsewhere).rejects.toMatchObject({ code: "UNAVAILABLE" });
});
