/**
 * One end of a transfer over UDP, for `udp.mjs`: `serve WAY HOST`, `fetch WAY HOST PORT SECONDS
 * [WARM]` or `ping native HOST PORT SECONDS`. Prints its port, or what it has measured: for so many
 * seconds, after as many of WARM in which V8 compiles what runs often.
 *
 * Ways: `udx` is bare udx-native, `secret` has Holepunch's sealing on it, `channel` is our transport
 * `udp` with nothing on it, `native` a stream of pieces of 64 KiB in the native dialect, sealed. The
 * server sends. `fetch tcp` takes from `tcp-source.py`.
 */
import { createRequire } from "node:module";
import { createConnection } from "node:net";
import { performance } from "node:perf_hooks";

const DIST = process.env.SEALWIRE_DIST ?? new URL("../dist/", import.meta.url).href;
const SECRET = Uint8Array.from({ length: 32 }, (_, i) => (i * 151 + 43) % 256);
const piece = Buffer.alloc(65_536);
const [role, way, host, port, seconds, warm = "0"] = process.argv.slice(2);

const servers = { udx: serveUdx, secret: serveSecret, channel: serveChannel, native: serveNative };
const fetchers = {
  udx: fetchUdx,
  secret: fetchSecret,
  channel: fetchChannel,
  native: fetchNative,
  tcp: fetchTcp,
};

if (role === "serve") console.log(await servers[way]());
else if (role === "fetch") await measure(await fetchers[way](Number(port)));
else await ping();

/** Counts what comes, from the request on or once warm; the first piece counts from the request. */
async function measure(begin) {
  const beganMs = performance.now();
  let [bytes, firstMs] = [0, 0];
  begin((chunk) => {
    firstMs ||= performance.now() - beganMs;
    bytes += chunk.length;
  });
  await passed(Number(warm));
  const [fromMs, cpu] = [performance.now(), process.cpuUsage()];
  bytes = 0;
  await passed(Number(seconds));
  const { user, system } = process.cpuUsage(cpu);
  const speed = bytes / 1e3 / (performance.now() - fromMs);
  console.log(JSON.stringify({ speed, bytes, firstMs, cpuMs: (user + system) / 1_000 }));
  process.exit();
}

function passed(seconds) {
  return seconds > 0 && new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
}

async function ping() {
  const client = await nativeClient(port);
  const times = [];
  const endMs = performance.now() + Number(seconds) * 1_000;
  while (performance.now() < endMs) {
    const beganMs = performance.now();
    await client.call("ping", []);
    times.push(performance.now() - beganMs);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const sorted = times.sort((a, b) => a - b);
  console.log(
    JSON.stringify({
      p50: sorted[sorted.length >> 1],
      p95: sorted[Math.floor(sorted.length * 0.95)],
      worst: sorted.at(-1),
      count: sorted.length,
    }),
  );
  process.exit();
}

async function serveNative() {
  const { createServer, native, sharedSecret } = await import(`${DIST}presets/node.js`);
  const server = createServer({
    authenticator: sharedSecret(SECRET),
    schemes: { udp: { transport: await transport(), dialect: native() } },
  });
  const bytes = new Uint8Array(piece.length);
  server.procedure("fetch", async function* () {
    for (;;) yield bytes;
  });
  server.procedure("piece", async function* () {
    yield bytes;
  });
  server.procedure("ping", () => true);
  return (await server.listen(`udp://${host}:0`)).address.port;
}

async function nativeClient(toPort) {
  const { connect, native } = await import(`${DIST}presets/node.js`);
  return connect(`udp://${host}:${toPort}`, {
    credentials: { scheme: "secret", secret: SECRET },
    schemes: { udp: { transport: await transport(), dialect: native() } },
  });
}

async function fetchNative(toPort) {
  const client = await nativeClient(toPort);
  // A program's first call is compiled while it runs, which takes longer than the way there.
  for await (const _ of client.stream("piece", []));
  return async (take) => {
    for await (const chunk of client.stream("fetch", [])) take(chunk);
  };
}

async function transport() {
  return (await import(`${DIST}transports/udp/index.js`)).udp();
}

async function serveChannel() {
  const listener = await (await transport()).listen(new URL(`udp://${host}:0`));
  void (async () => {
    for await (const channel of listener) {
      await channel[Symbol.asyncIterator]().next();
      for (;;) await channel.write([piece]);
    }
  })();
  return listener.address.port;
}

async function fetchChannel(toPort) {
  const address = new URL(`udp://${host}:${toPort}`);
  const channel = await (await transport()).connect(address, {
    signal: new AbortController().signal,
  });
  return async (take) => {
    channel.write([Uint8Array.of(1)]);
    for await (const chunk of channel) take(chunk);
  };
}

function serveUdx() {
  const { stream, at } = waitingStream();
  sendWhenAsked(stream);
  return at;
}

async function fetchUdx(toPort) {
  return asking(connectedStream(toPort));
}

/** As Holepunch seals: Noise and the secretstream of libsodium. */
async function serveSecret() {
  const { stream, at } = waitingStream();
  sendWhenAsked(await secretStream(false, stream));
  return at;
}

async function fetchSecret(toPort) {
  const stream = await secretStream(true, connectedStream(toPort));
  await stream.opened;
  return asking(stream);
}

async function secretStream(initiates, stream) {
  const { default: SecretStream } = await import("@hyperswarm/secret-stream");
  return new SecretStream(initiates, stream);
}

function waitingStream() {
  const { udx, socket } = boundUdx();
  const stream = udx.createStream(1, {
    firewall(_socket, fromPort, from) {
      if (!stream.connected) stream.connect(socket, 2, fromPort, from);
      return false;
    },
  });
  stream.on("error", () => {});
  return { stream, at: socket.address().port };
}

function sendWhenAsked(stream) {
  stream.on("error", () => {});
  stream.once("data", async () => {
    for (;;) {
      if (!stream.write(piece)) await new Promise((resolve) => stream.once("drain", resolve));
    }
  });
}

function connectedStream(toPort) {
  const { udx, socket } = boundUdx();
  const stream = udx.createStream(2);
  stream.connect(socket, 1, toPort, host);
  return stream;
}

function asking(stream) {
  return (take) => {
    stream.on("data", take);
    stream.write(Buffer.of(1));
  };
}

function boundUdx() {
  const Udx = createRequire(new URL("../package.json", import.meta.url))("udx-native");
  const udx = new Udx();
  const socket = udx.createSocket();
  socket.bind(0, role === "serve" ? host : "0.0.0.0");
  socket.setRecvBufferSize(4_194_304);
  socket.setSendBufferSize(4_194_304);
  return { udx, socket };
}

async function fetchTcp(toPort) {
  return (take) => createConnection(toPort, host).on("data", take);
}
