/** A server and a client of one peer, in processes of their own, each on its own core. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { TIME_LIMIT_MS } from "./work.mjs";

const CHILD = fileURLToPath(new URL("child.mjs", import.meta.url));
const CAN_PIN = existsSync("/usr/bin/taskset") && availableParallelism() > 1;

export class Pair {
  #server;
  #client;

  static async start(name) {
    const pair = new Pair();
    try {
      pair.#server = await Half.start("server", name, 0);
      pair.#client = await Half.start("client", name, 1);
      await pair.#client.ask("connect", await pair.#server.ask("serve"));
      return pair;
    } catch (error) {
      await pair.end();
      throw error;
    }
  }

  /** Runs one workload; what it costs both ends is measured around it. */
  async run(workload, sizes, profiles) {
    await this.#client.ask("warm", { workload, sizes });
    if (profiles === undefined) return this.#measure(workload, sizes);
    const halves = [this.#client, this.#server];
    for (const half of halves) await half.ask("profile");
    const result = await this.#measure(workload, sizes);
    for (const half of halves) {
      await half.ask("profiled", join(profiles, `${half.name}.${workload}.cpuprofile`));
    }
    return result;
  }

  async #measure(workload, sizes) {
    if (workload === "w6") return this.#connections(sizes);
    const before = await this.#server.ask("cpu");
    const result = await this.#client.ask("measure", { workload, sizes });
    const after = await this.#server.ask("cpu");
    return { ...result, cpuUs: result.cpuUs + after.cpuUs - before.cpuUs };
  }

  async #connections(sizes) {
    const few = { ...sizes, connections: Math.ceil(sizes.connections / 20) };
    await this.#client.ask("measure", { workload: "w6", sizes: few });
    await this.#server.ask("grow");
    const before = await this.#server.ask("usage");
    const result = await this.#client.ask("measure", { workload: "w6", sizes });
    const after = await this.#server.ask("usage");
    const each = (key) => (after[key] - before[key]) / 1024 / sizes.connections;
    return { ...result, kib: each("rss"), heapKib: each("heapUsed"), offHeapKib: each("external") };
  }

  async end() {
    await Promise.all([this.#client?.end(), this.#server?.end()]);
  }
}

class Half {
  #process;
  #waiting = new Map();
  #next = 1;

  static async start(side, name, core) {
    const half = new Half();
    half.name = `${name}.${side}`;
    const flags = process.env.BENCH_NODE_FLAGS?.split(" ") ?? [];
    const command = [process.execPath, "--expose-gc", ...flags, CHILD, side, name];
    const pinned = CAN_PIN ? ["taskset", "-c", String(core), ...command] : command;
    const child = spawn(pinned[0], pinned.slice(1), {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    half.#process = child;
    const ready = half.#wait(0);
    child.on("message", (message) => half.#settle(message));
    child.on("exit", () => half.#fail(new Error(`${side} ${name} ended`)));
    child.on("error", (error) => half.#fail(error));
    await ready;
    return half;
  }

  ask(command, given) {
    const id = this.#next++;
    const answer = this.#wait(id);
    if (this.#process.connected) this.#process.send({ id, command, given });
    else this.#fail(new Error("the process has ended"));
    return answer;
  }

  async end() {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#process.once("exit", resolve));
    this.ask("end").catch(() => {});
    const force = setTimeout(() => this.#process.kill("SIGKILL"), 5_000);
    await gone;
    clearTimeout(force);
  }

  #wait(id) {
    return new Promise((resolve, reject) => {
      const late = () => this.#settle({ id, error: `no answer within ${TIME_LIMIT_MS} ms` });
      this.#waiting.set(id, { resolve, reject, timer: setTimeout(late, TIME_LIMIT_MS) });
    });
  }

  #settle({ id, result, error }) {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    clearTimeout(waiting.timer);
    if (error === undefined) waiting.resolve(result);
    else waiting.reject(new Error(error));
  }

  #fail(error) {
    for (const id of [...this.#waiting.keys()]) this.#settle({ id, error: error.message });
  }
}
