/**
 * Shared variables: writes a second that are acknowledged, and how long a change takes to reach a
 * thousand clients. `node state.mjs [--seconds 3] [--clients 1000]`, after `npm run build`.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { lmdb, logStore } from "../dist/adapters/embedded/index.js";
import { connect, createServer } from "../dist/presets/node.js";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "3" },
    clients: { type: "string", default: "1000" },
  },
});
const durationMs = Number(values.seconds) * 1_000;
const clientCount = Number(values.clients);
const authenticator = { authenticate: async () => ({ id: "bench", scopes: new Set() }) };
const results = {};

for (const kind of ["memory", "lmdb", "log"]) {
  for (const writers of [1, 64]) {
    results[`${kind}, ${writers} at once, in the server`] = await inServer(kind, writers);
    results[`${kind}, ${writers} at once, over tcp`] = await overTcp(kind, writers);
  }
}
for (const writers of [1, 64]) {
  results[`lmdb used directly, ${writers} at once`] = await bareLmdb(writers);
}
results[`a change to ${clientCount} watching clients`] = await fanOut(clientCount);
console.log(JSON.stringify(results, undefined, 2));

async function withStore(kind, run) {
  const folder = mkdtempSync(join(tmpdir(), "sealwire-bench-"));
  const open = {
    memory: () => undefined,
    lmdb: () => lmdb({ folder }),
    log: () => logStore({ folder }),
  };
  const store = await open[kind]();
  const server = createServer({ authenticator, ...(store && { state: { store } }) });
  try {
    await server.listen("tcp://127.0.0.1:0");
    return await run(server);
  } finally {
    await server.close({ drainMs: 0 });
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes a second of so many who each wait for their own. */
async function rate(writers, write) {
  const end = performance.now() + durationMs;
  let count = 0;
  const began = performance.now();
  const one = async (i) => {
    while (performance.now() < end) {
      await write(i, count);
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, i) => one(i)));
  return `${Math.round((count * 1_000) / (performance.now() - began))} writes/s`;
}

function inServer(kind, writers) {
  return withStore(kind, ({ shared }) => rate(writers, (i, n) => shared.set(`k${i}`, n)));
}

function overTcp(kind, writers) {
  return withStore(kind, async (server) => {
    const client = await connect(server.address, { pin: await server.fingerprint() });
    const result = await rate(writers, (i, n) => client.shared.set(`k${i}`, n));
    await client.close();
    return result;
  });
}

async function bareLmdb(writers) {
  const { open } = await import("lmdb");
  const folder = mkdtempSync(join(tmpdir(), "sealwire-bench-"));
  const database = open({ path: join(folder, "bare.mdb"), noSubdir: true });
  const result = await rate(writers, async (i, n) => {
    await database.put(`k${i}`, n);
    await database.flushed;
  });
  await database.close();
  rmSync(folder, { recursive: true, force: true });
  return result;
}

/** From the write to the last client that has it, and how many changes a second arrive. */
function fanOut(count) {
  return withStore("memory", async (server) => {
    const pin = await server.fingerprint();
    const clients = [];
    for (let i = 0; i < count; i++) clients.push(await connect(server.address, { pin }));
    let arrived = 0;
    let all = () => {};
    const ready = clients.map(
      (client) =>
        new Promise((onReady) => {
          (async () => {
            for await (const _ of client.shared.watch("n", { onReady })) {
              arrived += 1;
              if (arrived % count === 0) all();
            }
          })().catch(() => {});
        }),
    );
    await Promise.all(ready);
    const times = [];
    for (let i = 0; i < 20; i++) {
      const began = performance.now();
      const done = new Promise((resolve) => {
        all = resolve;
      });
      await server.shared.set("n", i);
      await done;
      times.push(performance.now() - began);
    }
    times.sort((a, b) => a - b);
    const median = times[10];
    await Promise.all(clients.map((client) => client.close()));
    return `${median.toFixed(1)} ms median, ${Math.round((count * 1_000) / median)} changes/s arrive (one process for all)`;
  });
}
