/**
 * What native channels over UDP must reach, beside bare udx and kernel TCP: `node udp.mjs
 * [--rounds 3] [--only loopback,paths,narrow,kernel]`.
 *
 * All of one kind run in turn, so that they meet the same load of the machine: read the ratios
 * before the speeds. `paths` and `narrow` go through the relay of test/tools, whose own ceiling
 * bounds them; `kernel` needs root, for namespaces of its own.
 */
import { parseArgs } from "node:util";
import { line, median, relay, start, table } from "./impaired.mjs";
import { besideKernel } from "./udp-kernel.mjs";

const HOST = "127.0.0.1";
const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    only: { type: "string", default: "loopback,paths,narrow,kernel" },
  },
});
const rounds = Number(values.rounds);
const ways = ["udx", "native"];
const told = table();
const parts = { loopback, paths, narrow, kernel: () => besideKernel(told) };

for (const name of values.only.split(",")) await parts[name]();
told.end();

async function loopback() {
  const found = await compared({}, 5, { warm: 3, among: ["udx", "secret", "native"] });
  const { speed, first } = found.native;
  for (const other of ["udx", "secret"]) {
    const figure = inWords(found, other);
    told.row(`loopback, beside ${other}`, ">= 0.7 x", figure, found[other].ratio >= 0.7);
  }
  told.row("loopback, absolute", ">= 50 MB/s", `${speed.toFixed(1)} MB/s`, speed >= 50);
  told.row("loopback, first 64 KiB", "<= 5 ms", `${first.toFixed(1)} ms`, first <= 5);
}

async function paths() {
  for (const [loss, floor, seconds] of [
    [0, 20, 3],
    [1, 10, 4],
    [5, 5, 5],
    [20, 1, 6],
  ]) {
    const found = await compared({ rtt: 50, loss }, seconds);
    const { speed } = found.native;
    const [figure, held] = [inWords(found, "udx"), found.udx.ratio >= 0.8];
    told.row(`50 ms, ${loss} %`, ">= 0.8 x udx", figure, held);
    told.row(
      `50 ms, ${loss} %, floor`,
      `>= ${floor} MB/s`,
      `${speed.toFixed(2)} MB/s`,
      speed >= floor,
    );
  }
}

/** 20 Mbit/s behind a queue of 128 KiB. */
async function narrow() {
  const weather = { rtt: 50, rate: 20, queue: 128 };
  const [one, ping] = await together(weather, 8, ["fetch", "ping"]);
  const share = one.speed / 2.5;
  told.row("20 Mbit/s", ">= 85 % of the link", `${(100 * share).toFixed(0)} %`, share >= 0.85);
  told.row("20 Mbit/s, ping beside", "p95 <= 250 ms", `${ping.p95.toFixed(0)} ms`, ping.p95 <= 250);
  const [left, right] = await together(weather, 12, ["fetch", "fetch"]);
  const [a, b] = [left.speed, right.speed];
  const jain = (a + b) ** 2 / (2 * (a ** 2 + b ** 2));
  const figure = `${jain.toFixed(2)} (${a.toFixed(2)} and ${b.toFixed(2)} MB/s)`;
  told.row("20 Mbit/s, two flows", "Jain >= 0.8", figure, jain >= 0.8);
}

/** Each way in each round; medians, and how native does beside each other way of its round. */
async function compared(weather, seconds, { warm = 0, among = ways } = {}) {
  const runs = Object.fromEntries(among.map((way) => [way, []]));
  for (let round = 0; round < rounds; round++) {
    for (const way of among) runs[way].push(await once(way, weather, seconds, warm));
  }
  const beside = (way) => runs.native.map((run, at) => run.speed / runs[way][at].speed);
  return Object.fromEntries(
    among.map((way) => {
      const of = (what) => median(runs[way].map((run) => run[what]));
      const figures = { speed: of("speed"), cpu: of("cpu"), first: of("firstMs") };
      return [way, { ...figures, ratio: median(beside(way)), ratios: beside(way) }];
    }),
  );
}

/** The speed of native beside another way. */
function inWords(found, other) {
  const { ratio, ratios } = found[other];
  const speeds = [other, "native"].map((way) => {
    const { speed, cpu } = found[way];
    return `${way} ${speed.toFixed(1)} MB/s, ${cpu.toFixed(1)} ms CPU each MB`;
  });
  const all = ratios.map((one) => one.toFixed(2)).join(" ");
  return `${ratio.toFixed(2)} (${all}): ${speeds.join("; ")}`;
}

/** One transfer; its cost is that of the side that receives, each on its own core. */
async function once(way, weather, seconds, warm) {
  const server = start("udp-ways.mjs", ["serve", way, HOST], 0);
  const between = await entrance(server, weather);
  const client = start("udp-ways.mjs", ["fetch", way, HOST, between.port, seconds, warm], 1);
  const result = JSON.parse(await line(client));
  const cpu = (result.cpuMs * 1e6) / result.bytes;
  for (const child of [client, server, between]) child.kill();
  return { ...result, cpu };
}

/** Clients of the native dialect side by side, through one relay. */
async function together(weather, seconds, roles) {
  const server = start("udp-ways.mjs", ["serve", "native", HOST]);
  const between = await entrance(server, weather);
  const clients = roles.map((role) =>
    start("udp-ways.mjs", [role, "native", HOST, between.port, seconds]),
  );
  const results = await Promise.all(clients.map(async (client) => JSON.parse(await line(client))));
  for (const child of [...clients, server, between]) child.kill();
  return results;
}

async function entrance(server, weather) {
  const port = Number(await line(server));
  return Object.keys(weather).length > 0 ? relay(port, weather) : { port, kill() {} };
}
