import { once } from "node:events";
import { connect, type Socket } from "node:net";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { type FakeLinks, fakeLinks } from "../../test/gateway/fake-links.ts";
import { rawClient } from "../../test/gateway/raw-client.ts";
import { bridgeWording } from "./bridge-wording.ts";
import { createGateway, type GatewayOptions } from "./index.ts";
import { proxyWording } from "./proxy-wording.ts";

/** Busy machines take their time. */
const SOON = { timeout: 8_000 };

const opened: { close(): unknown }[] = [];
const QUERY = "remote_host=127.0.0.1&remote_port=9602&encryption_key=geheim";

afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});

interface World extends FakeLinks {
  readonly port: number;
  readonly connections: () => number;
}

async function world(options: GatewayOptions = {}): Promise<World> {
  const links = fakeLinks();
  const gateway = createGateway({ allowPrivate: true, links: { srmudp: links.open }, ...options });
  opened.push(gateway);
  const { port } = await gateway.listen("http://127.0.0.1:0");
  return Object.assign(links, { port: Number(port), connections: () => gateway.connections });
}

function socketTo(port: number): Socket {
  const socket = connect(port, "127.0.0.1");
  opened.push({ close: () => socket.destroy() });
  return socket.on("error", () => {});
}

/** What the gateway answers to bytes that somebody wrote by hand. */
async function answerTo(port: number, text: string): Promise<string> {
  const socket = socketTo(port).setEncoding("utf8");
  let answer = "";
  socket.on("data", (chunk) => {
    answer += chunk;
  });
  socket.write(text.replaceAll("\n", "\r\n"));
  await once(socket, "close");
  return answer;
}

const UPGRADE = "Connection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13\n";
const WS_KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n";

describe("requests that no client would make", () => {
  it.each([
    ["GET // HTTP/1.1\nHost: :::\nConnection: close\n", 403],
    [`GET http://x/v0/ws/proxy HTTP/1.1\nHost: 127.0.0.1\n${UPGRADE}${WS_KEY}`, 400],
    [`GET /v0/ws/proxy?${QUERY} HTTP/1.1\nHost: 127.0.0.1\n${UPGRADE}`, 400],
    [`GET /v0/ws/proxy?%ff=%00 HTTP/1.1\nHost: 127.0.0.1\n${UPGRADE}${WS_KEY}`, 400],
    [`GET /v0/ws/proxy HTTP/1.0\n${UPGRADE}${WS_KEY}`, 403],
    [`GET /v0/ws/proxy?encryption_key=${"x".repeat(20_000)} HTTP/1.1\nHost: 127.0.0.1\n`, 413],
    ["\0\u0001\u0002\n", 400],
    ["DELETE /v0/health HTTP/1.1\nHost: 127.0.0.1\nConnection: close\n", 405],
  ])("%j are answered with %i", async (text, status) => {
    const { port, connections } = await world();
    const answer = await answerTo(port, `${text}\n`);
    expect(answer).not.toMatch(/xxx/);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(connections()).toBe(0);
  });

  it("end the socket when they do not end", async () => {
    const { port } = await world({ limits: { requestTimeoutMs: 50 } });
    const answer = await answerTo(port, "GET / HTTP/1.1\nHost: 127.0.0.1\nX-Slow: ");
    expect(answer).toMatch(/^$|^HTTP\/1\.1 408 /);
  });

  it("leave no place taken when their sender is gone before he is let in", async () => {
    const made = await world({
      limits: { maxConnectionsPerAddress: 1 },
      lookup: async () => {
        gone.socket?.destroy();
        await new Promise((resolve) => setImmediate(resolve));
        return ["127.0.0.1"];
      },
    });
    const gone: { socket?: Socket } = { socket: socketTo(made.port) };
    const path = `/v0/ws/proxy?${QUERY.replace("127.0.0.1", "peer.example")}`;
    gone.socket?.write(
      `GET ${path} HTTP/1.1\nHost: 127.0.0.1\n${UPGRADE}${WS_KEY}\n`.replaceAll("\n", "\r\n"),
    );
    const again = () =>
      rawClient(`ws://127.0.0.1:${made.port}/v0/ws/proxy?${QUERY}`).then(
        (client) => {
          opened.push(client);
          return true;
        },
        () => false,
      );
    await expect.poll(again, SOON).toBe(true);
    await expect.poll(made.connections, SOON).toBe(1);
  });
});

describe("clients that are not there any more", () => {
  it("are found out by their silence, and their links end", async () => {
    const made = await world({ limits: { heartbeatIntervalMs: 20, heartbeatTimeoutMs: 20 } });
    const url = `ws://127.0.0.1:${made.port}/v0/ws/proxy?${QUERY}`;
    const silent = await rawClient(url, { autoPong: false });
    const peer = await made.opened(0);
    await silent.closed;
    await expect.poll(() => peer.closed, SOON).toBe(true);
    expect(made.connections()).toBe(0);
  });

  it("are not those that answer", async () => {
    const made = await world({ limits: { heartbeatIntervalMs: 10, heartbeatTimeoutMs: 1_000 } });
    const client = await rawClient(`ws://127.0.0.1:${made.port}/v0/ws/proxy?${QUERY}`);
    opened.push(client);
    const peer = await made.opened(0);
    for (let turn = 0; turn < 5; turn++) {
      client.send({ type: "ping", id: turn });
      await client.until("pong");
    }
    expect(peer.closed).toBe(false);
  });
});

describe("frames of clients", () => {
  const wordings = [proxyWording("id", false), bridgeWording("h:1", false)] as const;
  const anything = fc.oneof(fc.string(), fc.json(), fc.json().map(mutated));
  const typed = fc
    .record({
      type: fc.oneof(fc.constantFrom("data", "message", "auth", "ping", "Ping"), fc.anything()),
      format: fc.oneof(fc.constantFrom("text", "binary"), fc.anything()),
      data: fc.oneof(fc.string(), fc.base64String(), fc.anything()),
      id: fc.anything(),
    })
    .map((frame) => JSON.stringify(frame, (_, value) => (typeof value === "bigint" ? 0 : value)));

  it.each([
    ["proxy", wordings[0]],
    ["bridge", wordings[1]],
  ])("of the language %s are understood or refused, whatever they are", (_, wording) => {
    fc.assert(
      fc.property(fc.oneof(anything, typed), (text) => {
        const frame = wording.parse(text);
        if (frame.kind === "invalid") {
          expect(frame.error.code).toBe("INVALID_ARGUMENT");
          expect(JSON.parse(wording.error(frame.error, frame.id))).toMatchObject({ type: "error" });
        }
        if (frame.kind === "data") expect(frame.bytes).toBeInstanceOf(Uint8Array);
      }),
    );
  });

  it("hold every message as it was, both ways", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, binary) => {
        const shown = JSON.parse(proxyWording("id", binary).message(bytes));
        const frame = wordings[0].parse(JSON.stringify({ ...shown, type: "data" }));
        expect(frame).toMatchObject({ kind: "data" });
        expect(frame.kind === "data" && Buffer.compare(frame.bytes, bytes)).toBe(0);
        if (binary) expect(shown.format).toBe("binary");
      }),
    );
  });
});

function mutated(json: string): string {
  return json.slice(1) + json.slice(0, 1);
}
