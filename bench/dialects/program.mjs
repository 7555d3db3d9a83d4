/** Servers, and clients that load them: programs that speak by lines. */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { createInterface } from "node:readline";
import { SECRET } from "./cases.mjs";
import { busyUs } from "./quiet.mjs";

const CAN_PIN = existsSync("/usr/bin/taskset") && availableParallelism() > 1;
/** A program that says nothing for so long is given up. */
const PATIENCE_MS = 60_000;
/** Of `/proc`, which counts CPU time in hundredths of a second. */
const TICK_US = 10_000;

/** A running program, told to end by the end of its input. */
export class Program {
  #process;
  #lines;

  /** `core`: where it runs; `undefined` for wherever there is room. */
  constructor(command, core) {
    const pinned = CAN_PIN && core !== undefined;
    const [file, ...args] = pinned ? ["taskset", "-c", String(core), ...command] : command;
    this.#process = spawn(file, args, {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, TRUST_ID: SECRET },
    });
    this.#process.stdin.on("error", () => {});
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** The next line that it prints. */
  async line() {
    const late = setTimeout(() => this.#process.kill("SIGKILL"), PATIENCE_MS);
    const { done, value } = await this.#lines.next();
    clearTimeout(late);
    if (!done) return value;
    throw new Error(`${this.#process.spawnargs.join(" ")} ended or said nothing for long`);
  }

  /** All CPU time that it has used. */
  cpuUs() {
    // Behind its name, which stands in parentheses: user and system time are fields 14 and 15.
    const stat = readFileSync(`/proc/${this.#process.pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * TICK_US;
  }

  async end() {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.stdin.end();
    const force = setTimeout(() => this.#process.kill("SIGKILL"), 2_000);
    await gone;
    clearTimeout(force);
  }
}

/** Starts a server; gives it and its port, which is the last number of its first line. */
export async function startServer(command, core) {
  const server = new Program(command, core);
  const first = await server.line();
  return { server, port: Number(/(\d+)\D*$/.exec(first)?.[1]) };
}

/**
 * Loads a server with so many clients at once. Each prints `go` when it begins to count, and at
 * the end what it counted, as JSON: calls, seconds, and CPU time of its own. `others`: how many
 * cores were busy with other things meanwhile.
 */
export async function load(server, commands, core) {
  const clients = commands.map((command) => new Program(command, core));
  try {
    await Promise.all(clients.map((client) => client.line()));
    const [cpu, busy, began] = [server.cpuUs(), busyUs(), performance.now()];
    const told = await Promise.all(clients.map(async (client) => JSON.parse(await client.line())));
    const serverUs = server.cpuUs() - cpu;
    const tookUs = 1_000 * (performance.now() - began);
    const sum = (of) => told.map(of).reduce((a, b) => a + b);
    const [calls, clientUs] = [sum((each) => each.calls), sum((each) => each.cpuUs)];
    return {
      callsPerSecond: sum((each) => each.calls / each.seconds),
      clientUs: clientUs / calls,
      serverUs: serverUs / calls,
      others: Math.max(0, (busyUs() - busy - serverUs - clientUs) / tookUs),
    };
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}
