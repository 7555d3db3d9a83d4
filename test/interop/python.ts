import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** Debian's own, which has the packages that the set-up installs. */
const PYTHON = "/usr/bin/python3";

/** A server in Python while it runs. */
export interface PythonServer {
  readonly port: string;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
}

/** The peers in Python of one wire. */
export interface PythonPeers {
  /** Runs a client to its end; what it printed. */
  readonly client: (...args: readonly string[]) => Promise<readonly unknown[]>;
  /** Starts the server; resolves when it listens. */
  readonly server: (...args: readonly string[]) => Promise<PythonServer>;
}

/** The `client.py` and `server.py` beside a test. */
export function pythonPeers(test: string): PythonPeers {
  const beside = (file: string) => fileURLToPath(new URL(file, test));
  return {
    client: (...args) => runClient(beside("client.py"), args),
    server: (...args) => startServer(beside("server.py"), args),
  };
}

async function runClient(file: string, args: readonly string[]): Promise<readonly unknown[]> {
  const run = promisify(execFile);
  const { stdout } = await run(PYTHON, ["-B", file, ...args], { timeout: 30_000 });
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line): unknown => JSON.parse(line));
}

async function startServer(file: string, args: readonly string[]): Promise<PythonServer> {
  const child = spawn(PYTHON, ["-B", file, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = await Promise.race([once(createInterface(child.stdout), "line"), early(child)]);
  return {
    port: String(line),
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const closed = once(child, "close");
      child.kill("SIGKILL");
      await closed;
    },
  };
}

async function early(child: ChildProcess): Promise<never> {
  const [code] = await once(child, "close");
  throw new Error(`the server ended with ${String(code)} before it listened`);
}
