import { connect as connectSocket, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { makeCertificate } from "../../test/conformance/certificate.ts";
import { type LogLine, logInto, platformWith, turns } from "../../test/simulated/world.ts";
import { connectTo } from "../client/connect.ts";
import type { Transport } from "../core/contracts/transport.ts";
import { SealwireError } from "../core/model/errors.ts";
import { nodeCryptoProvider } from "../crypto/providers/node.node.ts";
import { native } from "../dialects/native/index.ts";
import { manualClock } from "../testing/manual-clock.ts";
import { tcp } from "../transports/tcp/tcp.ts";
import { tls } from "../transports/tcp/tls.ts";
import { tlsLayer } from "../transports/tcp/tls-layer.ts";
import { httpLayer } from "../transports/websocket/http-layer.ts";
import { secureWebsocket, websocket } from "../transports/websocket/websocket.ts";
import { acceptLoop } from "./accept-loop.ts";
import { Server } from "./server.ts";

const certificate = makeCertificate();
const dialect = native({ crypto: nodeCryptoProvider() });
const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

function kept<Thing extends { close(): unknown }>(thing: Thing): Thing {
  open.push(thing);
  return thing;
}

/** One port on which native, TLS, HTTP and WebSocket are spoken. */
async function sharedPort() {
  const clock = manualClock();
  const lines: LogLine[] = [];
  const platform = platformWith(clock);
  const schemes = {
    tcp: {
      transport: tcp({ closeTimeoutMs: 50 }),
      dialect,
      layers: [tlsLayer(certificate), httpLayer({ request: (_, reply) => void reply.end("page") })],
    },
  };
  const surroundings = { platform, schemes, fingerprint: async () => "" };
  const server = kept(new Server({ logger: logInto(lines) }, surroundings));
  server.expose({ add: (a: number, b: number) => a + b }, { public: true });
  const { address } = await server.listen("tcp://127.0.0.1:0");
  return { server, clock, lines, port: Number(address.port), platform };
}

describe("on one port", () => {
  const ca = { ca: certificate.cert };
  const ways: readonly (readonly [string, Transport])[] = [
    ["tcp", tcp()],
    ["tls", tls(ca)],
    ["ws", websocket()],
    ["wss", secureWebsocket(ca)],
  ];

  test.each(ways)("a client comes in by %s", async (scheme, transport) => {
    const { port, platform } = await sharedPort();
    const { publicKey } = await dialect.identity();
    const schemes = { [scheme]: { transport, dialect } };
    const options = { serverKeys: [publicKey], reconnect: false as const };
    const url = `${scheme}://127.0.0.1:${port}`;
    const client = kept(await connectTo(url, options, { platform, schemes }));
    expect(await client.call("add", [2, 3])).toBe(5);
  });

  test("a browser gets its page", async () => {
    const { port } = await sharedPort();
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("page");
  });

  test("a greeting that comes byte by byte is recognised all the same", async () => {
    const { port, platform, server } = await sharedPort();
    const { publicKey } = await dialect.identity();
    const schemes = { tcp: { transport: trickling(tcp()), dialect } };
    const options = { serverKeys: [publicKey], reconnect: false as const };
    const url = `tcp://127.0.0.1:${port}`;
    const client = kept(await connectTo(url, options, { platform, schemes }));
    expect(await client.call("add", [2, 3])).toBe(5);
    expect(server.connections.size).toBe(1);
  });
});

describe("strangers on a shared port", () => {
  test("whose first bytes nobody knows are closed, and the log says so", async () => {
    const { port, lines } = await sharedPort();
    const socket = await socketTo(port);
    socket.write("SSH-2.0-nobody speaks this here\r\n");
    await closed(socket);
    await turns();
    expect(lines.map(({ fields }) => fields["code"])).toContain("HANDSHAKE_FAILED");
  });

  test("who say nothing are closed when their time is up", async () => {
    const { port, lines, clock } = await sharedPort();
    const socket = await socketTo(port);
    await arrived(clock);
    clock.advance(10_000);
    await closed(socket);
    await turns();
    expect(lines.map(({ fields }) => fields["code"])).toContain("DEADLINE_EXCEEDED");
  });

  test("who say a little and then nothing are closed then, too", async () => {
    const { port, clock } = await sharedPort();
    const socket = await socketTo(port);
    socket.write(Uint8Array.of(0));
    await arrived(clock);
    clock.advance(10_000);
    await closed(socket);
  });

  test("who stop behind the upgrade of a WebSocket are closed then, too", async () => {
    const { port, clock, lines } = await sharedPort();
    const { signal } = new AbortController();
    const url = new URL(`ws://127.0.0.1:${port}`);
    const channel = kept(await websocket().connect(url, { signal }));
    let ended = false;
    const over = () => {
      ended = true;
    };
    void channel[Symbol.asyncIterator]().next().then(over, over);
    while (!ended) {
      await turns(1);
      clock.advance(10_000);
    }
    await turns();
    expect(lines.map(({ fields }) => fields["code"])).toContain("DEADLINE_EXCEEDED");
  });

  test("are let go when the server closes", async () => {
    const { port, clock, server } = await sharedPort();
    const socket = await socketTo(port);
    await arrived(clock);
    await server.close();
    await closed(socket);
    expect(clock.waiting).toBe(0);
  });

  test("who leave at once are no failure", async () => {
    const { port, lines, clock } = await sharedPort();
    const socket = await socketTo(port);
    await arrived(clock);
    socket.end();
    await closed(socket);
    await turns();
    expect(lines.filter(({ level }) => level === "warn")).toEqual([]);
  });
});

test("a channel that cannot be served hurts no other", async () => {
  const failed: unknown[] = [];
  const served: string[] = [];
  const channels = ["a", "b", "c"].map((remote) => ({ remote }) as never);
  const listener = {
    address: new URL("memory://x"),
    close: async () => {},
    async *[Symbol.asyncIterator]() {
      yield* channels;
    },
  };
  await acceptLoop(
    listener,
    async ({ remote }) => {
      if (remote === "b") throw new SealwireError("HANDSHAKE_FAILED", "no");
      served.push(remote);
    },
    (error, { remote }) => failed.push([remote, error]),
  );
  await turns(1);
  expect(served).toEqual(["a", "c"]);
  expect(failed).toMatchObject([["b", { code: "HANDSHAKE_FAILED" }]]);
});

/** A transport whose channels write one byte at a time. */
function trickling(inner: Transport): Transport {
  return {
    ...inner,
    async connect(address, options) {
      const channel = await inner.connect(address, options);
      const write = channel.write.bind(channel);
      channel.write = (chunks, release) => {
        const bytes = chunks.flatMap((chunk) => [...chunk]).slice(0, 400);
        if (bytes.length === 400) return write(chunks, release);
        for (const byte of bytes) void write([Uint8Array.of(byte)]);
        release?.();
        return undefined;
      };
      return channel;
    },
  };
}

function socketTo(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket(port, "127.0.0.1", () => resolve(socket));
    socket.on("error", reject);
    open.push({ close: () => socket.destroy() });
  });
}

function closed(socket: Socket): Promise<void> {
  socket.resume();
  if (socket.closed) return Promise.resolve();
  return new Promise((resolve) => socket.once("close", () => resolve()));
}

/** Until the server has seen a stranger: its timer runs. */
async function arrived(clock: { readonly waiting: number }): Promise<void> {
  while (clock.waiting === 0) await turns(1);
}
