/**
 * Bytes over UDP, side by side: `node udp.mjs [--rounds 3] [--megabytes 128] [--rtt MS] [--loss PERCENT]
 * [--ways udx,channel,native]`.
 *
 * `udx` is bare udx-native, `channel` our transport `udp` with nothing on it, `native` a stream of
 * pieces of 64 KiB in the native dialect, sealed. Server and client are processes of their own, the
 * server sends. With `--rtt` or `--loss` all go through the impairment relay of test/tools, whose
 * own ceiling bounds them: read the ratios, not the speeds.
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const PIECE_BYTES = 65_536;
const RELAY = fileURLToPath(new URL("../test/tools/udp-impair", import.meta.url));
const DIST = process.env.SEALWIRE_DIST ?? new URL("../dist/", import.meta.url).href;
const SECRET = Uint8Array.from({ length: 32 }, (_, i) => (i * 151 + 43) % 256);

if (process.argv[2] === "serve") await serve(process.argv[3], Number(process.argv[4]));
else if (process.argv[2] === "fetch") await fetch(...process.argv.slice(3));
else await main();

async function main() {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "3" },
      megabytes: { type: "string", default: "128" },
      rtt: { type: "string", default: "0" },
      loss: { type: "string", default: "0" },
      ways: { type: "string", default: "udx,channel,native" },
    },
  });
  const ways = values.ways.split(",");
  const found = Object.fromEntries(ways.map((way) => [way, []]));
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const way of ways) found[way].push(await once(way, values));
  }
  for (const way of ways) {
    const speed = median(found[way].map(({ speed }) => speed));
    const cpu = median(found[way].map(({ cpu }) => cpu));
    const ratio = found.udx
      ? ` = ${(speed / median(found.udx.map((run) => run.speed))).toFixed(2)} x udx`
      : "";
    const all = found[way].map(({ speed }) => speed.toFixed(1)).join(" ");
    const line = `${way.padEnd(8)} ${speed.toFixed(1)} MB/s${ratio}, ${cpu.toFixed(1)} ms per MB of the busier core   (${all})`;
    process.stdout.write(`${line}\n`);
  }
}

function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

/**
 * One transfer: MB/s, and what it cost the busier of both processes, each on its own core. On a
 * busy machine the cost tells more: it bounds the speed on a quiet one.
 */
async function once(way, { megabytes, rtt, loss }) {
  const server = start(["serve", way, megabytes], 0);
  const port = Number(await line(server));
  const relay = Number(rtt) + Number(loss) > 0 ? startRelay(port, rtt, loss) : undefined;
  const entrance = relay ? Number((await line(relay)).split(":").at(-1)) : port;
  const client = start(["fetch", way, String(entrance), megabytes], 1);
  const before = cpuMs(server);
  const [speed, clientCpuMs] = (await line(client)).split(" ").map(Number);
  const cpu = Math.max(clientCpuMs, cpuMs(server) - before) / Number(megabytes);
  for (const child of [client, server, relay]) child?.kill();
  return { speed, cpu };
}

/** Ticks of a hundredth of a second, as Linux counts them. */
function cpuMs({ pid }) {
  if (!existsSync("/proc/self/stat")) return Number.NaN;
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function start(args, core) {
  const command = [process.execPath, fileURLToPath(import.meta.url), ...args];
  return spawn("taskset", ["-c", String(core), ...command], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

function startRelay(port, rtt, loss) {
  const way = ["--listen", "127.0.0.1:0", "--to", `127.0.0.1:${port}`, "--print-port"];
  const wire = ["--delay", String(Number(rtt) / 2), "--loss", loss, "--seed", "7"];
  return spawn("python3", [RELAY, ...way, ...wire, "--queue", "4096"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
}

function line(child) {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (chunk) => {
      text += chunk;
      if (text.includes("\n")) resolve(text.slice(0, text.indexOf("\n")));
    });
    child.once("exit", () => reject(new Error(`${child.spawnargs.join(" ")} ended`)));
  });
}

async function serve(way, megabytes) {
  const bytes = megabytes * 1_000_000;
  if (way === "udx") return serveUdx(bytes);
  if (way === "channel") return serveChannel(bytes);
  const { createServer, native, sharedSecret } = await import(`${DIST}presets/node.js`);
  const server = createServer({
    authenticator: sharedSecret(SECRET),
    schemes: { udp: { transport: await transport(), dialect: native() } },
  });
  const piece = new Uint8Array(PIECE_BYTES);
  server.procedure("fetch", async function* () {
    for (let left = bytes; left > 0; left -= PIECE_BYTES) yield piece;
  });
  const { address } = await server.listen("udp://127.0.0.1:0");
  console.log(address.port);
}

async function fetch(way, port, megabytes) {
  const bytes = Number(megabytes) * 1_000_000;
  if (way === "udx") return report(fetchUdx(Number(port), bytes));
  if (way === "channel") return report(fetchChannel(Number(port), bytes));
  const { connect, native } = await import(`${DIST}presets/node.js`);
  const client = await connect(`udp://127.0.0.1:${port}`, {
    credentials: { scheme: "secret", secret: SECRET },
    schemes: { udp: { transport: await transport(), dialect: native() } },
  });
  await report(count(client.stream("fetch", []), bytes));
}

async function transport() {
  return (await import(`${DIST}transports/udp/index.js`)).udp();
}

async function serveChannel(bytes) {
  const listener = await (await transport()).listen(new URL("udp://127.0.0.1:0"));
  console.log(listener.address.port);
  const piece = new Uint8Array(PIECE_BYTES);
  for await (const channel of listener) {
    await channel[Symbol.asyncIterator]().next();
    for (let left = bytes; left > 0; left -= PIECE_BYTES) await channel.write([piece]);
  }
}

async function fetchChannel(port, bytes) {
  const address = new URL(`udp://127.0.0.1:${port}`);
  const { signal } = new AbortController();
  const channel = await (await transport()).connect(address, { signal });
  channel.write([Uint8Array.of(1)]);
  return count(channel, bytes);
}

async function count(chunks, bytes) {
  const begin = performance.now();
  let got = 0;
  for await (const chunk of chunks) {
    got += chunk.length;
    if (got >= bytes) break;
  }
  return got / (performance.now() - begin) / 1_000;
}

function serveUdx(bytes) {
  const { udx, socket } = boundUdx();
  const stream = udx.createStream(1, {
    firewall(_socket, port, host) {
      stream.connect(socket, 2, port, host);
      return false;
    },
  });
  stream.once("data", async () => {
    const piece = Buffer.alloc(PIECE_BYTES);
    for (let left = bytes; left > 0; left -= PIECE_BYTES) {
      if (!stream.write(piece)) await new Promise((resolve) => stream.once("drain", resolve));
    }
  });
  console.log(socket.address().port);
}

function fetchUdx(port, bytes) {
  const { udx, socket } = boundUdx();
  const stream = udx.createStream(2);
  stream.connect(socket, 1, port, "127.0.0.1");
  return new Promise((resolve) => {
    const begin = performance.now();
    let got = 0;
    stream.on("data", (chunk) => {
      got += chunk.length;
      if (got >= bytes) resolve(got / (performance.now() - begin) / 1_000);
    });
    stream.write(Buffer.of(1));
  });
}

function boundUdx() {
  const Udx = createRequire(new URL("../package.json", import.meta.url))("udx-native");
  const udx = new Udx();
  const socket = udx.createSocket();
  socket.bind(0, "127.0.0.1");
  socket.setRecvBufferSize(4_194_304);
  socket.setSendBufferSize(4_194_304);
  return { udx, socket };
}

async function report(measuring) {
  const before = process.cpuUsage();
  const speed = await measuring;
  const { user, system } = process.cpuUsage(before);
  console.log(`${speed} ${(user + system) / 1_000}`);
  process.exit();
}
