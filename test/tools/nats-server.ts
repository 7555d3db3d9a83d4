import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** A nats-server of its own, on a free port of the loopback. */
export interface NatsServer {
  readonly url: string;
  /** Ends it at once with `SIGKILL`, in order with `SIGTERM`; stays silent with `SIGSTOP`. */
  stop(signal?: "SIGKILL" | "SIGTERM"): Promise<void>;
  /** Starts it again on the same port, with what it had kept. */
  start(): Promise<void>;
  /** It does nothing any more, and ends no connection. */
  freeze(): Promise<void>;
  thaw(): void;
  /** Ends it and takes its folder away. */
  remove(): Promise<void>;
}

const READY_MS = 10_000;

/** Whether there is a nats-server; otherwise says why what needs it does not run. */
export function natsServerThere(): boolean {
  const found = spawnSync("nats-server", ["--version"]).status === 0;
  if (!found) console.log("not run: there is no nats-server; install it with apt-get");
  return found;
}

/** Starts one, with JetStream unless it is told otherwise. */
export async function natsServer({
  jetstream = true,
}: {
  readonly jetstream?: boolean;
} = {}): Promise<NatsServer> {
  const folder = await mkdtemp(join(tmpdir(), "sealwire-nats-"));
  let port = -1;
  let child: ChildProcess | undefined;
  const server: NatsServer = {
    get url() {
      return `nats://127.0.0.1:${port}`;
    },
    async stop(signal = "SIGKILL") {
      if (!child) return;
      const ended = once(child, "exit");
      child.kill("SIGCONT");
      child.kill(signal);
      await ended;
      child = undefined;
    },
    async start() {
      const path = join(folder, "nats.conf");
      await writeFile(path, configOf(folder, port, jetstream));
      child = spawn("nats-server", ["-c", path, "--ports_file_dir", folder], { stdio: "ignore" });
      if (port < 0) port = await portIn(folder);
      await answering(port);
    },
    async freeze() {
      child?.kill("SIGSTOP");
      while (child?.pid !== undefined && !(await stands(child.pid))) await pause(1);
    },
    thaw() {
      child?.kill("SIGCONT");
    },
    async remove() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}

function configOf(folder: string, port: number, jetstream: boolean): string {
  const store = `jetstream { store_dir: ${JSON.stringify(join(folder, "jetstream"))} }\n`;
  return `host: "127.0.0.1"\nport: ${port}\n${jetstream ? store : ""}`;
}

/** The server writes its ports into a file when it has them. */
async function portIn(folder: string): Promise<number> {
  const giveUpAt = Date.now() + READY_MS;
  while (Date.now() < giveUpAt) {
    const file = (await readdir(folder)).find((name) => name.endsWith(".ports"));
    const text = file ? await readFile(join(folder, file), "utf8") : "";
    const [, port] = /nats:\/\/127\.0\.0\.1:(\d+)/.exec(text) ?? [];
    if (port !== undefined) return Number(port);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("nats-server did not say its port");
}

async function answering(port: number): Promise<void> {
  const giveUpAt = Date.now() + READY_MS;
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    try {
      await once(socket, "data");
      return;
    } catch (cause) {
      if (Date.now() > giveUpAt) throw new Error("nats-server does not answer", { cause });
      await new Promise((resolve) => setTimeout(resolve, 10));
    } finally {
      socket.destroy();
    }
  }
}

/** A thread on another core may go on for a moment. Only Linux tells. */
async function stands(pid: number): Promise<boolean> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  for (const thread of threads) {
    const stat = await readFile(`/proc/${pid}/task/${thread}/stat`, "utf8").catch(() => ") T");
    if (!/\) [TtZX]/.test(stat)) return false;
  }
  return true;
}
