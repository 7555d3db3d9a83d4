import { once } from "node:events";
import pc from "picocolors";
import { printable } from "./printable.ts";
import { ask, askHidden } from "./prompt.ts";

/** Colours, or none. */
export type Colors = ReturnType<typeof pc.createColors>;

/** What a command sees of the world around it. */
export interface Shell {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether standard output is a terminal, so that people read it. */
  readonly terminal: boolean;
  /** Whether a person can be asked. */
  readonly interactive: boolean;
  /** For standard output and for standard error, each only where it is a terminal. */
  readonly colors: { readonly out: Colors; readonly err: Colors };
  /** One line of result on standard output; resolves when there is room for more. */
  out(line: string): Promise<void>;
  /** One line for people, on standard error, without what could steer a terminal. */
  note(line: string): void;
  ask(question: string): Promise<string>;
  askHidden(question: string): Promise<string>;
  /** Aborted by the first Ctrl-C and when nobody reads the output any more. */
  readonly stop: AbortSignal;
  /** Whether whoever read the output has gone, as `head` does when it has enough. */
  readonly unread: boolean;
  /** From now on SIGTERM stops too, and a second signal ends the program at once. */
  takeSignals(): void;
}

/** The shell of this process. */
export function processShell(): Shell {
  const { stdin, stdout, stderr, env } = process;
  const stopping = new AbortController();
  const state = { unread: false };
  stdout.on("error", () => {
    state.unread = true;
    stopping.abort();
  });
  // Nobody is left to be told that nobody reads what would tell it.
  stderr.on("error", () => {});
  stopOn("SIGINT", stopping);
  const colored = (stream: { readonly isTTY?: boolean }) =>
    pc.createColors(stream.isTTY === true && !env["NO_COLOR"] && env["TERM"] !== "dumb");
  return {
    env,
    terminal: stdout.isTTY === true,
    interactive: stdin.isTTY === true && stderr.isTTY === true,
    colors: { out: colored(stdout), err: colored(stderr) },
    async out(line) {
      if (state.unread || stdout.write(`${line}\n`)) return;
      await once(stdout, "drain", { signal: stopping.signal }).catch(() => {});
    },
    note: (line) => void stderr.write(`${printable(line)}\n`),
    ask: (question) => ask(question, stopping.signal),
    askHidden: (question) => askHidden(question, stopping.signal),
    stop: stopping.signal,
    get unread() {
      return state.unread;
    },
    takeSignals: () => stopOn("SIGTERM", stopping),
  };
}

/** Exit codes of a program that a signal ended are 128 and the signal's number. */
const SIGNAL_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

function stopOn(signal: keyof typeof SIGNAL_CODES, stopping: AbortController): void {
  process.on(signal, () => {
    if (stopping.signal.aborted) process.exit(SIGNAL_CODES[signal]);
    stopping.abort();
  });
}
