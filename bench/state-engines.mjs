/** Engines started for a bench: NATS with JetStream and Redis, each on a port of its own. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

/** Starts both; `close` ends them and removes what they kept. */
export async function startEngines() {
  const folder = mkdtempSync(join(tmpdir(), "sealwire-bench-engines-"));
  const [nats, redis] = [await freePort(), await freePort()];
  const lines = [
    ["nats-server", "-a", "127.0.0.1", "-p", String(nats), "-js", "-sd", join(folder, "nats")],
    ["redis-server", "--bind", "127.0.0.1", "--port", String(redis), "--save", "", "--dir", folder],
  ];
  const children = lines.map(([command, ...args]) => spawn(command, args, { stdio: "ignore" }));
  const killAll = () => {
    for (const child of children) child.kill();
  };
  process.once("exit", killAll);
  await Promise.all([answers(nats), answers(redis)]);
  return {
    natsUrl: `nats://127.0.0.1:${nats}`,
    redisUrl: `redis://127.0.0.1:${redis}`,
    async close() {
      const ended = children.map((child) => new Promise((resolve) => child.once("exit", resolve)));
      killAll();
      process.off("exit", killAll);
      await Promise.all(ended);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answers(port) {
  for (let tries = 0; tries < 100; tries++) {
    const socket = connect(port, "127.0.0.1");
    const there = await new Promise((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    socket.destroy();
    if (there) return;
    await setTimeout(100);
  }
  throw new Error(`nobody answers at port ${port}`);
}
