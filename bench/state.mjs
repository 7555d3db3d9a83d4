/**
 * Shared variables: writes a second that are acknowledged, beside the engines used directly and
 * Socket.IO, each peer in each round. `node state.mjs [--seconds 1] [--rounds 5]`, after
 * `npm run build`; needs nats-server and redis-server.
 */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer as createHttp } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Kvm } from "@nats-io/kv";
import { connect as connectNats } from "@nats-io/transport-node";
import { createClient as createRedis } from "redis";
import { Server as SocketServer } from "socket.io";
import { io } from "socket.io-client";
import { lmdb, logStore } from "../dist/adapters/embedded/index.js";
import { natsStore } from "../dist/adapters/nats/index.js";
import { connect, createServer } from "../dist/presets/node.js";
import { startEngines } from "./state-engines.mjs";
import { layOut, median, short } from "./table.mjs";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "1" },
    rounds: { type: "string", default: "5" },
    only: { type: "string", default: "" },
  },
});
const durationMs = Number(values.seconds) * 1_000;
const WRITERS = [1, 64];
const authenticator = { authenticate: async () => ({ id: "bench", scopes: new Set() }) };
let opened = 0;
const engines = await startEngines();
const clusterKey = randomBytes(32);

/** Each opens something and gives a function that writes and resolves when that is acknowledged. */
const PEERS = {
  "sealwire, memory": () => inServer(() => undefined),
  "sealwire, memory, over tcp": () => overTcp(() => undefined),
  "socket.io, a map, over ws": () => overSocketIo(async () => new Map()),
  "lmdb directly": bareLmdb,
  "sealwire, lmdb": () => inServer((folder) => lmdb({ folder })),
  "sealwire, lmdb, over tcp": () => overTcp((folder) => lmdb({ folder })),
  "sealwire, log": () => inServer((folder) => logStore({ folder })),
  "nats kv directly": bareNats,
  "nats kv, seen by a watch": watchedNats,
  "sealwire, nats": () => inServer(nats),
  "sealwire, nats, over tcp": () => overTcp(nats),
  "redis directly": bareRedis,
  "socket.io, redis, over ws": () => overSocketIo(redisMap),
};
/** What the cost of a peer is compared with. */
const NATS = ["nats kv directly", "nats kv, seen by a watch"];
const ENGINES = {
  "sealwire, lmdb": ["lmdb directly"],
  "sealwire, lmdb, over tcp": ["lmdb directly"],
  "sealwire, log": ["lmdb directly"],
  "sealwire, nats": NATS,
  "sealwire, nats, over tcp": NATS,
  "socket.io, redis, over ws": ["redis directly"],
};

const chosen = Object.keys(PEERS).filter((name) => name.includes(values.only));
const rounds = [];
for (let round = 0; round < Number(values.rounds); round++) {
  const rates = {};
  for (const name of chosen) {
    const peer = await PEERS[name]();
    await rate(64, peer.write, durationMs / 4);
    for (const writers of WRITERS) {
      const before = process.cpuUsage();
      const result = await rate(writers, peer.write, durationMs);
      const { user, system } = process.cpuUsage(before);
      rates[`${name} ${writers}`] = result.perSecond;
      rates[`${name} cpu`] = (user + system) / result.count;
    }
    await peer.close();
  }
  rounds.push(rates);
}
await engines.close();
const columns = WRITERS.map((n) => `${n} at once`);
console.log(layOut([["acknowledged writes/s", ...columns, "CPU us a write"], ...rows()]));

/** The time of this process, of the last column of writers; an engine's own is not in it. */
function rows() {
  return chosen.map((name) => [
    name,
    ...WRITERS.map((writers) => cell(name, writers)),
    short(median(rounds.map((round) => round[`${name} cpu`]))),
  ]);
}

/** The median, and in brackets how many times as much a write costs as with each engine alone. */
function cell(name, writers) {
  const rate = median(rounds.map((round) => round[`${name} ${writers}`]));
  const engines = (ENGINES[name] ?? []).filter((engine) => chosen.includes(engine));
  const costs = engines.map((engine) => {
    const inRound = (r) => r[`${engine} ${writers}`] / r[`${name} ${writers}`];
    return median(rounds.map(inRound)).toFixed(2);
  });
  return costs.length === 0 ? short(rate) : `${short(rate)} (${costs.join(", ")})`;
}

/** Writes a second of so many who each wait for their own. */
async function rate(writers, write, forMs) {
  const began = performance.now();
  const end = began + forMs;
  let count = 0;
  const one = async (i) => {
    while (performance.now() < end) {
      await write(`k${i}`, count);
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, i) => one(i)));
  return { count, perSecond: (count * 1_000) / (performance.now() - began) };
}

function newFolder() {
  return mkdtempSync(join(tmpdir(), "sealwire-bench-"));
}

async function served(storeIn) {
  const folder = newFolder();
  const store = await storeIn(folder);
  const server = createServer({ authenticator, ...(store && { state: { store } }) });
  await server.listen("tcp://127.0.0.1:0");
  const close = async () => {
    await server.close({ drainMs: 0 });
    rmSync(folder, { recursive: true, force: true });
  };
  return { server, close };
}

async function inServer(storeIn) {
  const { server, close } = await served(storeIn);
  return { write: (key, value) => server.shared.set(key, value), close };
}

async function overTcp(storeIn) {
  const { server, close } = await served(storeIn);
  const client = await connect(server.address, { pin: await server.fingerprint() });
  return {
    write: (key, value) => client.shared.set(key, value),
    async close() {
      await client.close();
      await close();
    },
  };
}

function nats() {
  return natsStore({ servers: engines.natsUrl, clusterKey });
}

async function bareLmdb() {
  const { open } = await import("lmdb");
  const folder = newFolder();
  const database = open({ path: join(folder, "bare.mdb"), noSubdir: true });
  return {
    async write(key, value) {
      await database.put(key, value);
      await database.flushed;
    },
    async close() {
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function bareNats() {
  const connection = await connectNats({ servers: engines.natsUrl });
  const bucket = await new Kvm(connection).create(`bare${++opened}`, { history: 16 });
  return {
    write: (key, value) => bucket.put(key, JSON.stringify(value)),
    close: () => connection.close(),
  };
}

/** As a node has to do that reads what it has written: over when its watch has told of it. */
async function watchedNats() {
  const connection = await connectNats({ servers: engines.natsUrl });
  const bucket = await new Kvm(connection).create(`watched${++opened}`, { history: 16 });
  const watch = await bucket.watch();
  const waiting = new Map();
  const revisions = new Map();
  (async () => {
    for await (const { key, revision } of watch) {
      revisions.set(key, revision);
      waiting.get(key)?.();
    }
  })();
  return {
    async write(key, value) {
      const expected = revisions.get(key) ?? 0;
      const text = JSON.stringify(value);
      const revision = await bucket.put(key, text, { previousSeq: expected });
      if ((revisions.get(key) ?? 0) >= revision) return;
      await new Promise((resolve) => waiting.set(key, resolve));
    },
    close: () => connection.close(),
  };
}

async function bareRedis() {
  const client = await createRedis({ url: engines.redisUrl }).connect();
  return {
    write: (key, value) => client.set(key, JSON.stringify(value)),
    close: () => client.close(),
  };
}

async function redisMap() {
  const { write, close } = await bareRedis();
  return { set: write, close };
}

async function overSocketIo(open) {
  const kept = await open();
  const http = createHttp();
  const server = new SocketServer(http, { transports: ["websocket"] });
  server.on("connection", (socket) => {
    socket.on("set", async (key, value, reply) => {
      await kept.set(key, value);
      socket.broadcast.emit("changed", key, value);
      reply(true);
    });
  });
  await new Promise((resolve) => http.listen(0, "127.0.0.1", resolve));
  const socket = io(`http://127.0.0.1:${http.address().port}`, { transports: ["websocket"] });
  await new Promise((resolve) => socket.once("connect", resolve));
  return {
    write: (key, value) => socket.emitWithAck("set", key, value),
    async close() {
      socket.disconnect();
      await server.close();
      await kept.close?.();
    },
  };
}
