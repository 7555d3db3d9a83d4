// Which path two peers find behind each pair of routers, and how soon: `node bench/peers.mjs [MODE…]`.
// Needs root and the NAT laboratory of test/tools; a megabyte goes over each path.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const LAB = fileURLToPath(new URL("../test/tools/natlab", import.meta.url));
const BIN = fileURLToPath(new URL("../bin/sealwire.js", import.meta.url));
const MODES = [
  ...["open", "firewall", "full-cone", "restricted", "port-restricted"],
  ...["symmetric", "symmetric-seq", "symmetric-addr", "blocked"],
];
const SERVICE = "udp://198.51.100.1:3600";

const modes = process.argv.length > 2 ? process.argv.slice(2) : MODES;
const folder = mkdtempSync(join(tmpdir(), "sealwire-peers-"));
const file = join(folder, "a.bin");
writeFileSync(file, randomFillSync(new Uint8Array(1_000_000)));
mkdirSync(join(folder, "in"));

/** Runs a tool of the laboratory. */
const lab = (...words) => execFileSync(LAB, ["--prefix", "swbench", ...words], { stdio: "pipe" });

/** Starts the command line on a host; `line` resolves with the first line that holds a text. */
function run(place, ...args) {
  const words = ["--prefix", "swbench", "exec", place, "--", process.execPath, BIN, ...args];
  const child = spawn(LAB, words, { stdio: ["ignore", "pipe", "pipe"], detached: true });
  const told = { text: "" };
  const ended = new Promise((resolve) => child.on("close", resolve));
  const line = (wanted) =>
    new Promise((resolve, reject) => {
      const look = () => {
        const found = told.text.split("\n").find((each) => each.includes(wanted));
        if (found !== undefined) resolve(found);
      };
      child.stdout.on("data", look);
      child.stderr.on("data", look);
      ended.then(() => reject(new Error(`no "${wanted}": ${told.text}`)));
      look();
    });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      told.text += chunk;
    });
  }
  return { told, ended, line, kill: () => process.kill(-child.pid, "SIGKILL") };
}

/** One pair: the first path and when, and the last path and when, counted from the offer. */
async function meet(a, b) {
  lab("nat", "a", a);
  lab("nat", "b", b);
  const sender = run("a", "send", "--verbose", "--rendezvous", SERVICE, file);
  const code = (await sender.line("code ")).slice("code ".length).split(" ");
  const to = join(folder, "in");
  const receiver = run("b", "receive", "--verbose", "--rendezvous", SERVICE, "--to", to, ...code);
  const codes = await Promise.all([receiver.ended, sender.ended]);
  if (codes.some((each) => each !== 0)) return { a, b, failed: receiver.told.text };
  const began = Number(
    /(\d+) ms \{"status":"UDP_WAITING","phase":"rend/.exec(receiver.told.text)?.[1],
  );
  const paths = [...receiver.told.text.matchAll(/(\d+) ms \{[^}]*"path":"([a-z-]+)"/g)];
  const [first, last] = [paths.at(0), paths.at(-1)];
  return { a, b, first: [first[2], first[1] - began], last: [last[2], last[1] - began] };
}

lab("up", "--a", "open", "--b", "open");
const service = run("pub", "rendezvous", "--listen", SERVICE);
try {
  await service.line("listening");
  console.log("| a | b | first path | after | last path | after |\n|---|---|---|---|---|---|");
  for (const a of modes) {
    for (const b of modes) {
      const { failed, first, last } = await meet(a, b);
      const cells = failed ? ["failed", "", "", ""] : [...first, ...last];
      console.log(
        `| ${[a, b, cells[0], `${cells[1]} ms`, cells[2], `${cells[3]} ms`].join(" | ")} |`,
      );
    }
  }
} finally {
  service.kill();
  spawnSync(LAB, ["--prefix", "swbench", "down"]);
  rmSync(folder, { recursive: true, force: true });
}
