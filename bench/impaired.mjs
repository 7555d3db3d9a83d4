/** Processes of the benchmarks over UDP, and the relay of test/tools that spoils the weather. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const RELAY = fileURLToPath(new URL("../test/tools/udp-impair", import.meta.url));
const at = (port) => `127.0.0.1:${port}`;

/** A program of this folder as a process of its own, on one core if named. */
export function start(file, args, core) {
  const program = [
    process.execPath,
    fileURLToPath(new URL(file, import.meta.url)),
    ...args.map(String),
  ];
  const command = core === undefined ? program : ["taskset", "-c", String(core), ...program];
  return spawn(command[0], command.slice(1), { stdio: ["ignore", "pipe", "inherit"] });
}

/** The first line that a process prints. */
export async function line(child) {
  for await (const said of createInterface({ input: child.stdout })) return said;
  throw new Error(`${child.spawnargs.join(" ")} ended without a word`);
}

/** The relay to a port: `{ rtt, loss, rate, queue }`; the port to use and how to end it. */
export async function relay(to, weather, between) {
  const places = between
    ? ["--client", at(between.client), "--listen", at(between.listen), "--back", at(between.back)]
    : ["--listen", at(0)];
  const { rtt = 0, loss = 0, rate = 0, queue = 4_096 } = weather;
  const wire = ["--delay", rtt / 2, "--loss", loss, "--rate", rate, "--queue", queue, "--seed", 7];
  const args = [RELAY, ...places, "--to", at(to), "--print-port", ...wire.map(String)];
  const child = spawn("python3", args, { stdio: ["ignore", "pipe", "ignore"] });
  return { port: Number((await line(child)).split(":").at(-1)), kill: () => child.kill() };
}

export function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

/** The table of what was wanted and what was found; each row with its word. */
export function table() {
  const rows = [];
  return {
    row(name, wanted, figure, held) {
      rows.push({ name, held });
      console.log(`| ${name} | ${wanted} | ${figure} | ${held ? "held" : "MISSED"} |`);
    },
    end() {
      const missed = rows.filter(({ held }) => !held);
      console.log(`\n${rows.length - missed.length} of ${rows.length} held`);
      for (const { name } of missed) console.log(`missed: ${name}`);
    },
  };
}
