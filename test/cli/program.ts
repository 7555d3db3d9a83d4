import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";

/** The executable of the package. */
export const BIN: string = fileURLToPath(new URL("../../bin/sealwire.js", import.meta.url));
/** The module that the tests serve. */
export const SERVED: string = fileURLToPath(new URL("./fixtures/served.ts", import.meta.url));

/** No run of the command line may take longer. */
const MAX_RUN_MS = 240_000;

/** Around a run: variables, what is typed, where. */
export interface Surroundings {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly cwd?: string;
}

/** How a run ended. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** One run of the command line that goes on. */
export interface Running {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly ended: Promise<Ended>;
  /** Resolves with the first line that contains the text; rejects when it ends without. */
  line(text: string): Promise<string>;
}

/** A place of its own for everything that the command line keeps, and what runs there. */
export class Place {
  readonly folder: string = mkdtempSync(join(tmpdir(), "sealwire-cli-"));
  readonly #running = new Set<Running>();

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Starts the command line; it is ended with this place at the latest. */
  start(args: readonly string[], surroundings: Surroundings = {}): Running {
    const child = spawn(process.execPath, [BIN, ...args], {
      cwd: surroundings.cwd ?? this.folder,
      env: { ...cleanEnv(), SEALWIRE_HOME: this.path("home"), ...surroundings.env },
      stdio: ["pipe", "pipe", "pipe"],
      timeout: MAX_RUN_MS,
      killSignal: "SIGKILL",
    });
    const running = runningOf(child);
    this.#running.add(running);
    child.stdin.on("error", () => {});
    child.stdin.end(surroundings.input ?? "");
    return running;
  }

  run(args: readonly string[], surroundings?: Surroundings): Promise<Ended> {
    return this.start(args, surroundings).ended;
  }

  /** A server on a free port of loopback, ready. */
  async serve(args: readonly string[], surroundings?: Surroundings): Promise<Serving> {
    const running = this.start(
      ["serve", SERVED, "--listen", "tcp://127.0.0.1:0", ...args],
      surroundings,
    );
    const url = (await running.line("listening tcp:")).slice("listening ".length);
    const fingerprint = (await running.line("fingerprint ")).slice("fingerprint ".length);
    return { ...running, url, fingerprint };
  }

  async close(): Promise<void> {
    for (const { child } of this.#running) child.kill("SIGKILL");
    await Promise.all([...this.#running].map(({ ended }) => ended));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A running server, where it listens and how it is known. */
export interface Serving extends Running {
  readonly url: string;
  readonly fingerprint: string;
}

function runningOf(child: Running["child"]): Running {
  const text = { out: "", err: "" };
  const waiting = new Set<() => void>();
  const gather = (name: "out" | "err") => (chunk: string) => {
    text[name] += chunk;
    for (const look of waiting) look();
  };
  child.stdout.setEncoding("utf8").on("data", gather("out"));
  child.stderr.setEncoding("utf8").on("data", gather("err"));
  const ended = once(child, "close").then(([code]) => ({ code, ...text }));
  return {
    child,
    ended,
    line: (wanted) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const lines = `${text.out}\n${text.err}`.split("\n");
          const found = lines.find((line) => line.includes(wanted));
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
        void ended.then(() => reject(new Error(`no line "${wanted}" in: ${text.err}${text.out}`)));
      }),
  };
}

/** The variables of this process without those that would reach into the tests. */
function cleanEnv(): NodeJS.ProcessEnv {
  const foreign = /^(SEALWIRE_|NO_COLOR$|FORCE_COLOR$|NODE_OPTIONS$|VITEST)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}
