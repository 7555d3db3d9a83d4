import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { afterEach, expect, test } from "vitest";
import { nodeCrypto } from "../../crypto/providers/best.node.ts";
import { native } from "../../dialects/native/index.ts";
import { serverAndClient } from "../../testing/server-and-client.ts";
import { enterTunnel } from "./entrance.ts";
import { serveTunnel } from "./exit.ts";
import { placeFrom } from "./place.ts";

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A server behind the tunnel that gives back what comes, and ends when the other side ends. */
async function echo(): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => {}).pipe(socket);
  });
  servers.push(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
}

async function pairTo(port: number) {
  return serverAndClient({
    dialect: native({ crypto: nodeCrypto }),
    register: (server) => serveTunnel(server as never, [{ host: "127.0.0.1", port }]),
  });
}

test("carries a megabyte to the other side and back, and the end of either side", async () => {
  await using pair = await pairTo(await echo());
  const tunnel = await enterTunnel(pair.client, { host: "127.0.0.1", port: 0 }, 0);
  const socket = connect({ port: placeFrom("at", tunnel.at).port, host: "127.0.0.1" });
  const sent = Buffer.alloc(1_000_000, "sealwire ");
  socket.end(sent);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  expect(Buffer.concat(chunks).equals(sent)).toBe(true);
  await tunnel.close();
});

test("ends a connection when nobody answers behind the tunnel, or the port is none of its", async () => {
  const port = await echo();
  servers.pop()?.close();
  await using pair = await pairTo(port);
  for (const target of [0, 7]) {
    const tunnel = await enterTunnel(pair.client, { host: "127.0.0.1", port: 0 }, target);
    const socket = connect({ port: placeFrom("at", tunnel.at).port, host: "127.0.0.1" });
    socket.on("error", () => {});
    await once(socket, "close");
    expect(socket.bytesRead).toBe(0);
    await tunnel.close();
  }
});

test.each([
  ["127.0.0.1:22", { host: "127.0.0.1", port: 22 }],
  ["8080", { host: "127.0.0.1", port: 8_080 }],
  ["[::1]:5", { host: "::1", port: 5 }],
  ["example.org:80", { host: "example.org", port: 80 }],
])("reads %s", (text, place) => {
  expect(placeFrom("--to", text)).toEqual(place);
});

test.each(["", "host", "host:99999", "a:b", ":80"])("refuses %j as a place", (text) => {
  expect(() => placeFrom("--to", text)).toThrow(
    expect.objectContaining({ code: "INVALID_ARGUMENT" }),
  );
});
