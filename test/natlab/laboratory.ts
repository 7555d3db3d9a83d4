import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const TOOL = fileURLToPath(new URL("../tools/natlab", import.meta.url));
const BIN = fileURLToPath(new URL("../../bin/sealwire.js", import.meta.url));
const PEER = fileURLToPath(new URL("./peer.mjs", import.meta.url));

/** Where a process runs: host a, its neighbour a2, host b, the public one, or a router. */
export type Place = "a" | "a2" | "b" | "pub" | "ra" | "rb";

/** A process in the laboratory. */
export interface LabProcess {
  readonly child: ChildProcess;
  /** What it has printed so far. */
  readonly out: () => string;
  readonly err: () => string;
  /** Resolves with the exit code; `null` after a signal. */
  readonly ended: Promise<number | null>;
  /** Resolves with the first line of either output that contains the text. */
  line(text: string): Promise<string>;
}

/** Why there can be no laboratory here; `undefined` where there can be one. */
export function missingLaboratory(): string | undefined {
  if (process.getuid?.() !== 0) return "the NAT laboratory needs root";
  for (const tool of ["ip", "nft", "tc", "python3"]) {
    if (spawnSync("sh", ["-c", `command -v ${tool}`]).status !== 0) {
      return `the NAT laboratory needs ${tool} (apt-get install iproute2 nftables)`;
    }
  }
  const probe = ownPrefix("p");
  const tried = spawnSync(TOOL, ["--prefix", probe, "up", "--a", "open", "--b", "open"]);
  spawnSync(TOOL, ["--prefix", probe, "down"]);
  return tried.status === 0 ? undefined : "this machine allows no network namespaces";
}

/** A name that no other run on this machine has; names of interfaces are made from it. */
function ownPrefix(letter: string): string {
  return `s${letter}${process.pid.toString(36)}`;
}

/** Two hosts behind routers and a public one, in network namespaces of their own. */
export class Laboratory {
  readonly #prefix: string;
  readonly #running = new Set<LabProcess>();

  /** `letter`: another for each laboratory of one process. */
  constructor(letter = "l") {
    this.#prefix = ownPrefix(letter);
  }

  /** Builds it anew. */
  up(a: string, b: string, ...more: readonly string[]): void {
    this.#tool("up", "--a", a, "--b", b, ...more);
  }

  /** Changes something while it is up, such as `nat a symmetric` or `impair a rate=20`. */
  change(...words: readonly string[]): void {
    this.#tool(...words);
  }

  /** Runs a command of the system on a host to its end; gives what it printed. */
  run(place: Place, ...words: readonly string[]): string {
    const all = ["--prefix", this.#prefix, "exec", place, "--", ...words];
    return execFileSync(TOOL, all, { stdio: "pipe", encoding: "utf8" });
  }

  /** Lets no packet pass there any more that fits, in the words of nft; `clear` ends it. */
  drop(place: Place, hook: "input" | "forward", what: string): void {
    const chain = `{ type filter hook ${hook} priority -60; policy accept; }`;
    const rule = `add rule inet extra stop ${what} drop`;
    this.run(place, "nft", `add table inet extra; add chain inet extra stop ${chain}; ${rule}`);
  }

  clear(place: Place): void {
    this.run(place, "nft", "delete table inet extra");
  }

  /** From now on counts the packets that leave a host and fit; gives what reads the count. */
  count(host: Place, what: string): () => number {
    const chain = "{ type filter hook output priority 0; policy accept; }";
    const rule = `add rule inet counted out ${what} counter`;
    this.run(host, "nft", `add table inet counted; add chain inet counted out ${chain}; ${rule}`);
    return () => {
      const shown = this.run(host, "nft", "list table inet counted");
      return Number(/counter packets (\d+)/.exec(shown)?.[1]);
    };
  }

  /** Starts the command line on a host. */
  sealwire(place: Place, ...args: readonly string[]): LabProcess {
    return this.start(place, process.execPath, BIN, ...args);
  }

  /** Starts a peer that takes commands; `lab-peer.ts` gives them. */
  peer(place: Place): LabProcess {
    return this.start(place, process.execPath, PEER);
  }

  /** Starts a program on a host. */
  start(place: Place, ...program: readonly string[]): LabProcess {
    const words = ["--prefix", this.#prefix, "exec", place, "--", ...program];
    const child = spawn(TOOL, words, { stdio: ["pipe", "pipe", "pipe"], detached: true });
    const running = watched(child);
    this.#running.add(running);
    return running;
  }

  /** Ends a process at once, as a power cut would. */
  async kill(running: LabProcess): Promise<void> {
    this.#running.delete(running);
    if (running.child.exitCode === null && running.child.pid !== undefined) {
      // The whole group: the laboratory's own process stands in between.
      process.kill(-running.child.pid, "SIGKILL");
    }
    await running.ended;
  }

  /** Ends what runs and takes everything down. */
  async down(): Promise<void> {
    for (const running of [...this.#running]) await this.kill(running);
    spawnSync(TOOL, ["--prefix", this.#prefix, "down"]);
  }

  #tool(...words: readonly string[]): void {
    execFileSync(TOOL, ["--prefix", this.#prefix, ...words], { stdio: "pipe" });
  }
}

function watched(child: ChildProcess): LabProcess {
  const text = { out: "", err: "" };
  const waiting = new Set<() => void>();
  const heard = (key: "out" | "err") => (chunk: Buffer) => {
    text[key] += chunk.toString();
    for (const look of waiting) look();
  };
  child.stdout?.on("data", heard("out"));
  child.stderr?.on("data", heard("err"));
  const ended = new Promise<number | null>((resolve) => {
    child.on("close", (code) => {
      resolve(code);
      for (const look of waiting) look();
    });
  });
  const find = (wanted: string) =>
    `${text.out}\n${text.err}`.split("\n").find((line) => line.includes(wanted));
  return {
    ...{ child, ended, out: () => text.out, err: () => text.err },
    line: (wanted) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = find(wanted);
          if (found === undefined && child.exitCode === null) return;
          waiting.delete(look);
          if (found !== undefined) resolve(found);
          else reject(new Error(`it ended without "${wanted}": ${text.out}${text.err}`));
        };
        waiting.add(look);
        look();
      }),
  };
}
