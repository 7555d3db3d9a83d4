/**
 * The dialects beside what they were made after: `node dialects.mjs [--seconds 3] [--rounds 3]
 * [--dialects a,b] [--ways NAME] [--patience 0] [--profile FOLDER] [--out FILE]`. Needs `npm run
 * build` in the root, and of Debian python3-zmq, python3-nacl and python3-msgpack.
 *
 * First, a Python client of the original's kind with one call in flight, against our server and
 * against a Python server made as the original is. Then our client against our server with many in
 * flight, beside Python on both ends. In each round all of it, one after the other; shown are
 * medians, and the medians of the ratios within the same round.
 *
 * On a machine with other work, `--patience` is how many seconds each step may wait for a quiet
 * moment, and be repeated if it was not quiet to its end; the quietest try counts.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import {
  DIALECTS,
  nameOf,
  PYTHON_MANY,
  PYTHON_ONE,
  SEALWIRE_ONE,
  SECRET,
} from "./dialects/cases.mjs";
import { load, startServer } from "./dialects/program.mjs";
import { QUIET_CORES, untilQuiet } from "./dialects/quiet.mjs";
import { manyInFlight, oneInFlight } from "./dialects/tables.mjs";

const SEALWIRE = fileURLToPath(new URL("dialects/sealwire.mjs", import.meta.url));
const SERVER_CORE = 0;
const CLIENT_CORE = 1;

const options = readOptions();
if (options.profile !== undefined) mkdirSync(options.profile, { recursive: true });
const rounds = [];
const loads = [];
for (let round = 0; round < options.rounds; round++) {
  note(`round ${round + 1} of ${options.rounds}, load ${loadavg()[0].toFixed(1)}`);
  loads.push(loadavg()[0]);
  const measured = {};
  for (const dialect of options.dialects) measured[dialect] = await runDialect(dialect, round);
  rounds.push(measured);
}
process.stdout.write(`${oneInFlight(rounds)}\n\n${manyInFlight(rounds)}\n`);
writeResults();

async function runDialect(dialect, round) {
  const steps = stepsOf(dialect);
  const turn = round % steps.length;
  const measured = {};
  for (const [name, step] of [...steps.slice(turn), ...steps.slice(0, turn)]) {
    try {
      measured[name] = await quietest(step);
      note(`  ${dialect}: ${name} ${JSON.stringify(measured[name], rounded)}`);
    } catch (error) {
      note(`  ${dialect}: ${name} failed: ${error.message}`);
      process.exitCode = 1;
    }
  }
  return measured;
}

async function quietest(step) {
  const deadline = Date.now() + 1_000 * options.patience;
  let best;
  do {
    await untilQuiet(deadline);
    const result = await step();
    if (best === undefined || result.others < best.others) best = result;
  } while (best.others > QUIET_CORES && Date.now() < deadline);
  return best;
}

function stepsOf(dialect) {
  const { server, client, key = SECRET, many, ways, scheme = dialect } = DIALECTS[dialect];
  const serve = [...node(), SEALWIRE, "serve", scheme];
  const python = (inFlight) => (port) => [...client, port, key, options.seconds, inFlight];
  const sealwire = (way) => (port) => {
    const url = `${scheme}://127.0.0.1:${port}`;
    return [...node(), SEALWIRE, "load", url, options.seconds, JSON.stringify(way)];
  };
  const steps = [
    [PYTHON_ONE, () => measure(server, [python(1)])],
    [SEALWIRE_ONE, () => measure(serve, [python(1)])],
    [PYTHON_MANY, () => measure(server, Array(many.processes).fill(python(many.inFlight)))],
    ...ways.map((way) => [nameOf(way), () => measure(serve, [sealwire(way)])]),
  ];
  return steps.filter(([name]) => name.includes(options.only));
}

/** Eight clients would have no room on one core, so they and their server go where there is some. */
async function measure(serverCommand, clients) {
  const crowd = clients.length > 1;
  const { server, port } = await startServer(serverCommand, crowd ? undefined : SERVER_CORE);
  try {
    const commands = clients.map((client) => client(String(port)).map(String));
    return await load(server, commands, crowd ? undefined : CLIENT_CORE);
  } finally {
    await server.end();
  }
}

function node() {
  if (options.profile === undefined) return [process.execPath];
  return [process.execPath, "--cpu-prof", `--cpu-prof-dir=${options.profile}`];
}

function writeResults() {
  mkdirSync(dirname(options.out), { recursive: true });
  const about = { date: new Date().toISOString(), node: process.version, loads };
  writeFileSync(options.out, `${JSON.stringify({ about, rounds }, undefined, 2)}\n`);
  note(`written to ${options.out}`);
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      seconds: { type: "string", default: "3" },
      rounds: { type: "string", default: "3" },
      dialects: { type: "string", default: Object.keys(DIALECTS).join(",") },
      ways: { type: "string", default: "" },
      patience: { type: "string", default: "0" },
      profile: { type: "string" },
      out: {
        type: "string",
        default: fileURLToPath(new URL("results/dialects.json", import.meta.url)),
      },
    },
  });
  const dialects = values.dialects.split(",").map((name) => name.trim());
  const unknown = dialects.filter((name) => !Object.hasOwn(DIALECTS, name));
  if (unknown.length > 0) fail(`--dialects: ${unknown} unknown; ${Object.keys(DIALECTS)}`);
  return {
    seconds: within("--seconds", values.seconds, 0.1, 60),
    rounds: within("--rounds", values.rounds, 1, 100),
    dialects,
    only: values.ways,
    patience: within("--patience", values.patience, 0, 600),
    profile: values.profile === undefined ? undefined : resolve(values.profile),
    out: resolve(values.out),
  };
}

function within(option, text, least, most) {
  const number = Number(text);
  if (number >= least && number <= most) return number;
  return fail(`${option} is ${text}; give a number from ${least} to ${most}`);
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

function note(line) {
  process.stderr.write(`${line}\n`);
}

function rounded(_, value) {
  return typeof value === "number" ? Number(value.toPrecision(4)) : value;
}
