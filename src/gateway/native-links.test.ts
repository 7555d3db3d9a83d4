import { afterEach, describe, expect, it } from "vitest";
import { sharedSecret } from "../auth/shared-secret.ts";
import { createServer, native } from "../presets/node.ts";
import type { Server } from "../server/server.ts";
import { udp } from "../transports/udp/udp.ts";
import { createSrmudpClient, type SrmudpClientOptions } from "./client.node.ts";
import { createGateway } from "./index.ts";
import type { SrmudpWebSocketClient } from "./srmudp-client.ts";

/** Busy machines take their time. */
const SOON = { timeout: 8_000 };

const opened: { close(): unknown }[] = [];
const KEY = "3Jx0v5Qe8yT1mR7uK9wZ2cB4nD6fG8hL";

afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});

interface Peer {
  readonly server: Server;
  readonly port: number;
  readonly received: readonly unknown[];
}

/** A server of ours at `udp://`, which sends back every message in a call of its own. */
async function peer(secret = KEY, port = 0): Promise<Peer> {
  const received: unknown[] = [];
  const schemes = { udp: { transport: udp(), dialect: native() } };
  const server = createServer({ authenticator: sharedSecret(secret), schemes });
  opened.push(server);
  server.procedure("message", (call) => {
    const [message] = call.args.positional;
    received.push(message);
    const connection = server.connections.get(call.peer.id);
    void connection?.call("message", [message]).catch(() => {});
  });
  const { address } = await server.listen(`udp://127.0.0.1:${port}`);
  return { server, port: Number(address.port), received };
}

async function pageTo(port: number, options: SrmudpClientOptions = {}, key = KEY) {
  const limits = { reconnectDelayMs: 20 };
  const gateway = createGateway({ allowPrivate: true, bindHost: "127.0.0.1", limits });
  opened.push(gateway);
  const { host } = await gateway.listen("http://127.0.0.1:0");
  const url = `ws://${host}/v0/ws/proxy`;
  const page = createSrmudpClient(url, "127.0.0.1", port, key, { mode: "udp", ...options });
  opened.push(page);
  await page.connect();
  return page;
}

async function echoed(page: SrmudpWebSocketClient, bytes: Uint8Array): Promise<boolean> {
  const messages = page[Symbol.asyncIterator]();
  await page.sendBinary(bytes);
  const { value } = await messages.next();
  return Buffer.compare(value?.bytes ?? new Uint8Array(), bytes) === 0;
}

describe("a page, the gateway and a server of ours over UDP", () => {
  it("prove the key and carry messages both ways", async () => {
    const { port, received } = await peer();
    const page = await pageTo(port);
    await page.established();
    expect(page.status?.authenticated).toBe(true);
    for (const size of [0, 1, 70_000, 1_000_000]) {
      expect(await echoed(page, new Uint8Array(size).fill(7))).toBe(true);
    }
    expect(received).toHaveLength(4);
  });

  it("never are established with another key", async () => {
    const { port } = await peer();
    const page = await pageTo(port, {}, `${KEY}!`);
    const words: string[] = [];
    page.onStatus(({ status }) => words.push(status));
    await expect(page.established()).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    expect(words).not.toContain("UDP_ESTABLISHED");
  });

  it("find each other again when the server was started anew", async () => {
    const first = await peer();
    const page = await pageTo(first.port);
    await page.established();
    await first.server.close({ drainMs: 0 });
    await expect.poll(() => page.status?.status, SOON).toBe("RECONNECTING");
    await peer(KEY, first.port);
    await page.established();
    expect(await echoed(page, Uint8Array.of(1, 2))).toBe(true);
  });
});
