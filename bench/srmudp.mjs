/**
 * Messages over SRMUDP between two processes of ours: `node srmudp.mjs [--rounds 3]
 * [--megabytes 32] [--rtt MS] [--loss PERCENT]`. With `--rtt` or `--loss` through the relay of
 * test/tools. The original program reaches 1.15 MB/s, and 0.24 MB/s at 1 % loss.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { performance } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const MESSAGE_BYTES = 65_536;
const RELAY = fileURLToPath(new URL("../test/tools/udp-impair", import.meta.url));
const DIST = process.env.SEALWIRE_DIST ?? new URL("../dist/", import.meta.url).href;
const HOST = "127.0.0.1";

if (process.argv[2] === "receive") await receive(...process.argv.slice(3).map(Number));
else await main();

async function main() {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "3" },
      megabytes: { type: "string", default: "32" },
      rtt: { type: "string", default: "0" },
      loss: { type: "string", default: "0" },
    },
  });
  const [near, far, listen, back] = await freePorts(4);
  const impaired = values.rtt !== "0" || values.loss !== "0";
  const relay = impaired ? await startRelay(near, listen, back, far, values) : undefined;
  const peer = spawn(
    process.execPath,
    [fileURLToPath(import.meta.url), "receive", far, impaired ? back : near].map(String),
    { stdio: ["ignore", "inherit", "inherit"] },
  );
  const link = await open(near, impaired ? listen : far);
  await link.send(new Uint8Array(1));
  const speeds = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    const count = Math.ceil((Number(values.megabytes) * 1e6) / MESSAGE_BYTES);
    speeds.push(await transfer(link, count));
    console.log(`round ${round + 1}: ${speeds.at(-1).toFixed(2)} MB/s`);
  }
  const { sentPackets, repeatedPackets } = link.statistics;
  const median = speeds.toSorted((a, b) => a - b)[Math.floor(speeds.length / 2)];
  console.log(
    `srmudp ${values.rtt} ms ${values.loss} %: median ${median.toFixed(2)} MB/s, ` +
      `worst ${Math.min(...speeds).toFixed(2)} MB/s, ` +
      `${((100 * repeatedPackets) / sentPackets).toFixed(1)} % repeated`,
  );
  await link.close();
  await once(peer, "exit");
  relay?.kill();
}

async function transfer(link, count) {
  const message = new Uint8Array(MESSAGE_BYTES).fill(7);
  const began = performance.now();
  const open = [];
  for (let sent = 0; sent < count; sent++) {
    open.push(link.send(message));
    await link.room();
  }
  await Promise.all(open);
  return (count * MESSAGE_BYTES) / 1e3 / (performance.now() - began);
}

async function receive(bind, remote) {
  const link = await open(bind, remote);
  let bytes = 0;
  for await (const message of link.messages) bytes += message.length;
  await link.close();
  process.exit(bytes > 0 ? 0 : 1);
}

async function open(bind, remote) {
  const { openSrmudp } = await import(new URL("transports/srmudp/index.js", DIST).href);
  const at = (port) => ({ host: HOST, port });
  return openSrmudp({ bind: at(bind), remote: at(remote) });
}

async function startRelay(client, listen, back, to, { rtt, loss }) {
  const at = (port) => `${HOST}:${port}`;
  const ends = ["--client", at(client), "--listen", at(listen), "--back", at(back), "--to", at(to)];
  const weather = ["--delay", String(Number(rtt) / 2), "--loss", loss, "--seed", "7"];
  const relay = spawn("python3", [RELAY, ...ends, ...weather, "--control"], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  const ready = once(createInterface({ input: relay.stdout }), "line");
  relay.stdin.write("set\n");
  await ready;
  return relay;
}

async function freePorts(count) {
  const { bindUdp } = await import(new URL("transports/udp/datagram-socket.js", DIST).href);
  const bound = Array.from({ length: count }, () => bindUdp({ host: HOST, port: 0 }));
  const sockets = await Promise.all(bound);
  await Promise.all(sockets.map((socket) => socket.close()));
  return sockets.map(({ address }) => address.port);
}
