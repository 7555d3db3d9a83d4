import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** Debian's own, with its python3-pycryptodome. */
const PYTHON = "/usr/bin/python3";
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** What the Python peer says, one line each. */
export type Said = Readonly<Record<string, unknown>>;

/** A running program that ends with the test. */
export interface Running {
  /** All that it said, once it has ended. */
  readonly said: Promise<readonly Said[]>;
  close(): void;
}

/** The Python peer between two ports of this machine. */
export function pythonPeer(bind: number, remote: number, args: readonly string[]): Running {
  const child = spawn(PYTHON, ["-B", here("peer.py"), String(bind), String(remote), ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return { said: lines(child), close: () => void child.kill() };
}

async function lines(child: ChildProcess): Promise<readonly Said[]> {
  const said: Said[] = [];
  if (child.stdout === null) return said;
  for await (const line of createInterface({ input: child.stdout })) said.push(JSON.parse(line));
  return said;
}
