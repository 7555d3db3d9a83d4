/** Kernel TCP beside native channels over UDP, at 50 ms and 1 % loss, in namespaces of their own. */
import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { line } from "./impaired.mjs";

const LAB = fileURLToPath(new URL("../test/tools/natlab", import.meta.url));
const WAYS = fileURLToPath(new URL("udp-ways.mjs", import.meta.url));
const SOURCE = fileURLToPath(new URL("tcp-source.py", import.meta.url));
const PREFIX = `b${process.pid.toString(36)}`;
const SECONDS = 6;

/** Appends its rows to the table, or says why it cannot. */
export async function besideKernel(told) {
  if (!lab("up", "--a", "open", "--b", "open", "--wire")) {
    console.log(
      "| 50 ms, 1 %, beside kernel TCP | | not run: needs root, ip, nft and namespaces | |",
    );
    return;
  }
  try {
    // Both wires: half of the way and of the loss each.
    for (const side of ["a", "b"]) lab("impair", side, "delay=12.5,loss=0.5");
    const native = await through("native");
    const cubic = await through("tcp", "cubic");
    const bbr = await through("tcp", "bbr");
    const speeds = `native ${native.toFixed(2)}, CUBIC ${cubic.toFixed(2)}, BBR ${bbr.toFixed(2)} MB/s`;
    told.row(
      "50 ms, 1 %, namespaces",
      ">= 10 x CUBIC",
      `${(native / cubic).toFixed(1)}: ${speeds}`,
      native >= 10 * cubic,
    );
    told.row(
      "50 ms, 1 %, namespaces",
      ">= 0.5 x BBR",
      (native / bbr).toFixed(2),
      native >= 0.5 * bbr,
    );
  } finally {
    lab("down");
  }
}

async function through(way, control) {
  const host = JSON.parse(spawnSync(LAB, ["--prefix", PREFIX, "addresses"]).stdout).b.ipv4;
  const server = control
    ? on("b", "python3", SOURCE, host, control)
    : on("b", process.execPath, WAYS, "serve", way, host);
  const port = await line(server);
  const client = on("a", process.execPath, WAYS, "fetch", way, host, port, SECONDS);
  const { speed } = JSON.parse(await line(client));
  for (const child of [client, server]) process.kill(-child.pid, "SIGKILL");
  return speed;
}

function on(place, ...program) {
  const words = ["--prefix", PREFIX, "exec", place, "--", ...program.map(String)];
  return spawn(LAB, words, { stdio: ["ignore", "pipe", "inherit"], detached: true });
}

function lab(...words) {
  const { status, stderr } = spawnSync(LAB, ["--prefix", PREFIX, ...words]);
  if (status !== 0 && words[0] !== "up") throw new Error(`natlab ${words.join(" ")}: ${stderr}`);
  return status === 0;
}
