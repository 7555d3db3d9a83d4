import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { SealwireError } from "../core/model/errors.ts";

/**
 * Asks a person, on standard error, so that results stay alone on standard output.
 *
 * @throws `CANCELLED` on Ctrl-C
 */
export async function ask(question: string, signal: AbortSignal): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(question, { signal });
  } catch {
    process.stderr.write("\n");
    throw cancelled();
  } finally {
    lines.close();
  }
}

/**
 * Asks for a secret without showing it. Where no person is, the secret is the first line of
 * standard input.
 *
 * @throws `INVALID_ARGUMENT` when standard input ends before there is a line, `CANCELLED` on Ctrl-C
 */
export async function askHidden(question: string, signal: AbortSignal): Promise<string> {
  const { stdin, stderr } = process;
  if (stdin.isTTY) stderr.write(question);
  // With an output of its own readline switches the terminal's echo off; this one shows nothing.
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({
    input: stdin,
    output: silent,
    terminal: stdin.isTTY === true,
    historySize: 0,
  });
  try {
    return await firstLine(lines, signal);
  } finally {
    lines.close();
    if (stdin.isTTY) stderr.write("\n");
  }
}

function firstLine(
  lines: ReturnType<typeof createInterface>,
  signal: AbortSignal,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const cancel = () => reject(cancelled());
    lines.once("line", resolve);
    // In raw mode Ctrl-C is a key like others, and readline tells of it.
    lines.once("SIGINT", cancel);
    signal.addEventListener("abort", cancel, { once: true });
    lines.once("close", () =>
      reject(new SealwireError("INVALID_ARGUMENT", "standard input ended before the secret came")),
    );
  });
}

function cancelled(): SealwireError {
  return new SealwireError("CANCELLED", "cancelled by Ctrl-C");
}
