/**
 * Sealwire and others, side by side: `node main.mjs [--peers a,b] [--workloads w1,w2]
 * [--rounds 5] [--quick] [--profile FOLDER] [--out FILE]`.
 *
 * With `--profile` both halves of each pair write a CPU profile of what is measured; `profile.mjs`
 * reads it. Such numbers are not to be compared.
 *
 * In each round every peer does every workload, the peers one after the other within a workload
 * and in another order each round, so that whatever slows the machine slows them alike.
 */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Pair } from "./pair.mjs";
import { format, summarize } from "./table.mjs";
import { PEERS, sizes, WORKLOADS } from "./work.mjs";

const options = readOptions();
const rounds = [];
if (options.profile !== undefined) mkdirSync(options.profile, { recursive: true });
for (let round = 0; round < options.rounds; round++) {
  note(`round ${round + 1} of ${options.rounds}`);
  rounds.push(await runRound(round));
}
const summary = summarize(rounds);
process.stdout.write(`${format(summary)}\n`);
writeResults();

async function runRound(round) {
  const turn = round % options.peers.length;
  const order = [...options.peers.slice(turn), ...options.peers.slice(0, turn)];
  const measured = {};
  for (const workload of options.workloads) {
    measured[workload] = {};
    for (const peer of order) {
      const result = await runOne(peer, workload);
      if (result !== undefined) measured[workload][peer] = result;
    }
  }
  return measured;
}

/** A peer that fails gets no number; the others go on. */
async function runOne(peer, workload) {
  let pair;
  try {
    pair = await Pair.start(peer);
    const result = await pair.run(workload, sizes(options.quick), options.profile);
    if (workload === "w2") result.cpuPerCall = result.cpuUs / result.count;
    note(`  ${workload} ${peer} ${JSON.stringify(result, rounded)}`);
    return result;
  } catch (error) {
    note(`  ${workload} ${peer} failed: ${error.message}`);
    process.exitCode = 1;
    return undefined;
  } finally {
    await pair?.end();
  }
}

function writeResults() {
  mkdirSync(dirname(options.out), { recursive: true });
  const about = {
    date: new Date().toISOString(),
    node: process.version,
    cores: cpus().length,
    cpu: cpus()[0]?.model,
    quick: options.quick,
  };
  writeFileSync(options.out, `${JSON.stringify({ about, summary, rounds }, undefined, 2)}\n`);
  note(`written to ${options.out}`);
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      peers: { type: "string", default: PEERS.join(",") },
      workloads: { type: "string", default: WORKLOADS.join(",") },
      rounds: { type: "string", default: "5" },
      quick: { type: "boolean", default: false },
      profile: { type: "string" },
      out: {
        type: "string",
        default: fileURLToPath(new URL("results/latest.json", import.meta.url)),
      },
    },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 100) {
    fail(`--rounds is ${values.rounds}; give a whole number from 1 to 100`);
  }
  return {
    peers: chosen("--peers", values.peers, peersFound()),
    workloads: chosen("--workloads", values.workloads, WORKLOADS),
    rounds,
    quick: values.quick,
    profile: values.profile === undefined ? undefined : resolve(values.profile),
    out: resolve(values.out),
  };
}

/** Those of the table, and any other that has a file in the folder. */
function peersFound() {
  const files = readdirSync(new URL("peers/", import.meta.url));
  const found = files.filter((file) => file.endsWith(".mjs")).map((file) => file.slice(0, -4));
  return [...PEERS, ...found.filter((name) => !PEERS.includes(name))];
}

function chosen(option, text, known) {
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) fail(`${option}: ${unknown.join(", ")} unknown; ${known.join(", ")}`);
  return names;
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
