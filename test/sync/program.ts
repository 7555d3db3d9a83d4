import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** How a program of a user ended, and what it printed. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** A program that runs. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when it has printed this text. */
  printed(wanted: string): Promise<void>;
}

/**
 * Runs a script in a process of its own, as `node --input-type=module -e` does; it has
 * `connectSync` and `SealwireError`. It must end by itself.
 */
export function start(script: string, args: readonly string[] = []): Running {
  return running(spawn(process.execPath, ["--input-type=module", "-e", HEAD + script, ...args]));
}

/** The same, to its end. */
export function run(script: string): Promise<Ended> {
  return start(script).ended;
}

/** Node's own prompt, into which is typed. */
export function prompt(): Running {
  return running(spawn(process.execPath, ["-i"]));
}

/** Where the built package holds `connectSync`: threads cannot load the sources on Node 20. */
export const SYNC: string = new URL("../../dist/sync/index.js", import.meta.url).href;

const HEAD = `import { connectSync, SealwireError } from ${JSON.stringify(SYNC)};\n`;

/** A process that does not end by itself has failed. */
const MAX_RUN_MS = 40_000;

function running(child: ChildProcess): Running {
  if (!existsSync(fileURLToPath(SYNC))) throw new Error("there is no dist: run npm run build");
  const text = { out: "", err: "" };
  child.stdout?.setEncoding("utf8").on("data", (chunk) => {
    text.out += chunk;
  });
  child.stderr?.setEncoding("utf8").on("data", (chunk) => {
    text.err += chunk;
  });
  const late = setTimeout(() => child.kill("SIGKILL"), MAX_RUN_MS);
  const ended = once(child, "close").then(([code, signal]) => {
    clearTimeout(late);
    return { code, signal, ...text };
  });
  const printed = async (wanted: string) => {
    while (!text.out.includes(wanted)) await once(child.stdout ?? child, "data");
  };
  return { child, ended, printed };
}
