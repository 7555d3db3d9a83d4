import pc from "picocolors";
import type { Shell } from "../../src/cli/shell.ts";

/** What a command has printed, and the shell it believes to be in. */
export interface RecordingShell {
  readonly shell: Shell;
  readonly out: readonly string[];
  readonly notes: readonly string[];
}

/** A shell without a terminal, where nobody answers and nobody stops the command. */
export function recordingShell(env: Readonly<Record<string, string>> = {}): RecordingShell {
  const out: string[] = [];
  const notes: string[] = [];
  const plain = pc.createColors(false);
  const shell: Shell = {
    ...{ env, terminal: false, interactive: false, unread: false },
    colors: { out: plain, err: plain },
    out: async (text) => void out.push(text),
    note: (text) => void notes.push(text),
    ask: async () => "",
    askHidden: async () => "",
    stop: new AbortController().signal,
    takeSignals: () => {},
  };
  return { shell, out, notes };
}
