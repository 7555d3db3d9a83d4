import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** Debian's own, which has the packages that the set-up installs. */
const PYTHON = "/usr/bin/python3";

/** A program in Python that a test talks with. */
export interface Python {
  /** The next thing it says, or why it says no more. */
  said(): Promise<unknown>;
  /** Everything it says from here to its end. */
  rest(): Promise<readonly unknown[]>;
  tell(line: string): void;
  /** Sends a signal: `SIGKILL` ends it without a word, `SIGSTOP` leaves it there, silent. */
  signal(name: NodeJS.Signals): void;
}

/** Starts programs and ends them all. */
export class Pythons {
  readonly #started: ChildProcess[] = [];

  /** Starts a program of this folder. */
  start(program: "client.py" | "server.py", args: readonly string[]): Python {
    const path = fileURLToPath(new URL(program, import.meta.url));
    const child = spawn(PYTHON, ["-B", path, ...args], { stdio: ["pipe", "pipe", "pipe"] });
    this.#started.push(child);
    return talking(child);
  }

  /** Ends those that are left. */
  endAll(): void {
    for (const child of this.#started.splice(0)) child.kill("SIGKILL");
  }
}

function talking(child: ChildProcess): Python {
  const { stdin, stdout, stderr } = child;
  if (!stdin || !stdout || !stderr) throw new Error("no pipes");
  let complaints = "";
  stderr.on("data", (text) => {
    complaints += String(text);
  });
  // A program that was killed does not hear any more.
  stdin.on("error", () => {});
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const said = async (): Promise<unknown> => {
    const { done, value } = await lines.next();
    if (done === true) return { ended: complaints.trim() };
    return JSON.parse(value);
  };
  return {
    said,
    async rest() {
      const all: unknown[] = [];
      for (let { done, value } = await lines.next(); !done; { done, value } = await lines.next()) {
        all.push(JSON.parse(value));
      }
      return complaints === "" ? all : [...all, { ended: complaints.trim() }];
    },
    tell: (line) => void stdin.write(`${line}\n`),
    signal: (name) => void child.kill(name),
  };
}
