import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A program of this repository that runs in a process of its own. */
export interface Program {
  /** Everything it has printed on its standard output. */
  readonly lines: readonly string[];
  readonly errors: () => string;
  /** Resolves with the first line that fits; rejects when the program ends without it. */
  line(expected: RegExp): Promise<string>;
  /** Sends a signal to it and to what it started. */
  signal(name: NodeJS.Signals): void;
  /** Resolves with its exit code. */
  ended(): Promise<number | null>;
}

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Runs a line as it would be typed into a shell in the clone. */
export function typed(line: string): Program {
  // A group of its own, so that a signal reaches what the shell started, as Ctrl-C does.
  return watch(spawn("sh", ["-c", line], { cwd: ROOT, detached: true }));
}

/** Runs a TypeScript file of an example, as `npm start` and `npm run tour` do after the build. */
export function example(file: string): Program {
  const args = ["scripts/run.js", `examples/${file}`];
  return watch(spawn(process.execPath, args, { cwd: ROOT, detached: true }));
}

function watch(child: ChildProcess & { stdout: NodeJS.ReadableStream }): Program {
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  let errors = "";
  let code: number | null | undefined;
  const wake = () => {
    for (const look of waiting) look();
  };
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line);
    wake();
  });
  const closed = once(child, "close").then(([exit]) => {
    code = exit;
    wake();
    return code;
  });
  return {
    lines,
    errors: () => errors,
    line: (expected) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = lines.find((line) => expected.test(line));
          if (found === undefined && code === undefined) return;
          waiting.delete(look);
          if (found !== undefined) resolve(found);
          else reject(new Error(`ended with ${code} and without ${expected}: ${errors}`));
        };
        waiting.add(look);
        look();
      }),
    signal: (name) => {
      if (child.pid !== undefined && code === undefined) process.kill(-child.pid, name);
    },
    ended: () => closed.then((exit) => exit ?? null),
  };
}
