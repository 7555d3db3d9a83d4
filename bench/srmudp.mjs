/**
 * What SRMUDP must reach: `node srmudp.mjs [--rounds 3] [--only clean,path,original,narrow]`.
 *
 * Two processes of ours, or ours and the peer in Python of test/interop that is as slow and as fragile
 * as the original program, which reaches 1.15 MB/s, and 0.24 MB/s at 1 % loss. `path` and `narrow`
 * go through the relay of test/tools.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { median, relay, start, table } from "./impaired.mjs";

const DIST = process.env.SEALWIRE_DIST ?? new URL("../dist/", import.meta.url).href;
const PEER = fileURLToPath(new URL("../test/interop/srmudp/peer.py", import.meta.url));
const HOST = "127.0.0.1";
const MESSAGE_BYTES = 65_536;

if (process.argv[2] === "receive") await receive(...process.argv.slice(3).map(Number));
else await main();

async function main() {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "3" },
      only: { type: "string", default: "clean,path,original,narrow" },
    },
  });
  const told = table();
  const parts = {
    clean: () => speedRow(told, "ours to ours, loopback", 10, {}, 3, values.rounds),
    path: () =>
      speedRow(told, "ours to ours, 50 ms, 1 %", 2, { rtt: 50, loss: 1 }, 6, values.rounds),
    original: () => originalRow(told, values.rounds),
    narrow: () => narrow(told),
  };
  for (const name of values.only.split(",")) await parts[name]();
  told.end();
  process.exit();
}

async function speedRow(told, name, wanted, weather, seconds, rounds) {
  const runs = [];
  for (let round = 0; round < Number(rounds); round++) runs.push(await transfer(weather, seconds));
  const speed = median(runs.map((run) => run.speed));
  const cpu = median(runs.map((run) => run.cpu));
  const all = runs.map((run) => run.speed.toFixed(2)).join(" ");
  const figure = `${speed.toFixed(2)} MB/s (${all}), ${cpu.toFixed(1)} ms CPU each MB sent`;
  told.row(name, `>= ${wanted} MB/s`, figure, speed >= wanted);
}

/** Sends messages for so long; how fast they were acknowledged. */
async function transfer(weather, seconds) {
  const { link, end } = await met(weather);
  const used = process.cpuUsage();
  const speed = await flow(link, seconds);
  const { user, system } = process.cpuUsage(used);
  await end();
  return { speed, cpu: (user + system) / 1e3 / (speed * seconds) };
}

async function flow(link, seconds) {
  const message = new Uint8Array(MESSAGE_BYTES).fill(7);
  const beganMs = performance.now();
  let acknowledged = 0;
  let tookMs = 0;
  while (performance.now() - beganMs < seconds * 1e3) {
    const arrived = () => {
      acknowledged += MESSAGE_BYTES;
      tookMs = performance.now() - beganMs;
    };
    // What is on its way at the end is lost with the link.
    link.send(message).then(arrived, () => {});
    await link.room();
  }
  const [bytes, ms] = [acknowledged, tookMs];
  return bytes / 1e3 / ms;
}

/** One message of 4 MB to the peer in Python: until it has acknowledged all of it. */
async function originalRow(told, rounds) {
  const speeds = [];
  for (let round = 0; round < Number(rounds); round++) {
    const [near, far] = await freePorts(2);
    const link = await open(near, far);
    const peer = spawn(
      "/usr/bin/python3",
      ["-B", PEER, far, near, "echo", "--span", "1"].map(String),
      {
        stdio: ["ignore", "ignore", "inherit"],
      },
    );
    await link.send(new Uint8Array(1));
    const beganMs = performance.now();
    await link.send(new Uint8Array(4e6));
    speeds.push(4e3 / (performance.now() - beganMs));
    peer.kill();
    await once(peer, "close");
    void link.close();
  }
  const figure = `${median(speeds).toFixed(2)} MB/s (${speeds.map((one) => one.toFixed(2)).join(" ")})`;
  told.row("to a peer of the original's pace", ">= 1.0 MB/s", figure, median(speeds) >= 1);
}

/** 20 Mbit/s behind a queue of 128 KiB, and a small message beside, through the same link. */
async function narrow(told) {
  const { link, end } = await met({ rtt: 50, rate: 20, queue: 128 });
  const speed = await flow(link, 8);
  const { sentPackets, repeatedPackets } = link.statistics;
  const repeated = `${((100 * repeatedPackets) / sentPackets).toFixed(1)} % repeated`;
  const figure = `${(40 * speed).toFixed(0)} %, ${repeated}`;
  told.row("20 Mbit/s, 50 ms, 128 KiB", ">= 85 % of the link", figure, speed >= 0.85 * 2.5);
  await end();
}

/** A link to another process, with weather between. */
async function met(weather) {
  const [near, far, listen, back] = await freePorts(4);
  const impaired = Object.keys(weather).length > 0;
  const between = impaired ? await relay(far, weather, { client: near, listen, back }) : undefined;
  const peer = start("srmudp.mjs", ["receive", far, impaired ? back : near]);
  const link = await open(near, impaired ? listen : far);
  await link.send(new Uint8Array(1));
  const end = async () => {
    peer.kill();
    await once(peer, "close");
    between?.kill();
    void link.close();
  };
  return { link, end };
}

async function receive(bind, remote) {
  const link = await open(bind, remote);
  for await (const _ of link.messages);
}

async function open(bind, remote) {
  const { openSrmudp } = await import(new URL("transports/srmudp/index.js", DIST).href);
  const at = (port) => ({ host: HOST, port });
  return openSrmudp({ bind: at(bind), remote: at(remote) });
}

async function freePorts(count) {
  const { bindUdp } = await import(new URL("transports/udp/datagram-socket.js", DIST).href);
  const bound = Array.from({ length: count }, () => bindUdp({ host: HOST, port: 0 }));
  const sockets = await Promise.all(bound);
  await Promise.all(sockets.map((socket) => socket.close()));
  return sockets.map(({ address }) => address.port);
}
