import type { Shell } from "../shell.ts";

/** How far a transfer has come, for people: a line that changes on terminals, a few lines else. */
export interface ProgressLine {
  /** So many bytes of the file are there. */
  at(bytes: number): void;
  /** Nothing moves, and why. */
  pause(why: string): void;
  end(): void;
}

/** Where the line stands; standard error, when it is a terminal. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** What is shown. */
export interface Shown {
  readonly name: string;
  readonly totalBytes: number;
  /** Bytes that were there before, of an earlier try. */
  readonly fromBytes: number;
}

const BAR_CELLS = 24;
const REDRAW_MS = 100;
const LINE_MS = 5_000;

/** Shows one transfer. */
export function progressLine(
  shell: Shell,
  shown: Shown,
  output: ProgressOutput = process.stderr,
  now: () => number = Date.now,
): ProgressLine {
  const beganMs = now();
  const live = output.isTTY === true && shell.interactive;
  let lastMs = Number.NEGATIVE_INFINITY;
  let last = "";
  const draw = (text: string) => {
    last = text;
    if (live) output.write(`\r\x1b[K${text.slice(0, (output.columns ?? 80) - 1)}`);
    else shell.note(text);
  };
  return {
    at(bytes) {
      const atMs = now();
      if (atMs - lastMs < (live ? REDRAW_MS : LINE_MS) && bytes < shown.totalBytes) return;
      lastMs = atMs;
      draw(progressText(shown, bytes, atMs - beganMs));
    },
    pause: (why) => draw(`${last === "" ? shown.name : last} (${why})`),
    end() {
      if (live) output.write("\n");
    },
  };
}

/** One line: name, bar, percent, sizes, speed and the time that is left. */
export function progressText(
  { name, totalBytes, fromBytes }: Shown,
  bytes: number,
  elapsedMs: number,
): string {
  const share = totalBytes === 0 ? 1 : bytes / totalBytes;
  const full = Math.round(share * BAR_CELLS);
  const bar = "█".repeat(full) + "░".repeat(BAR_CELLS - full);
  const perSecond = elapsedMs > 0 ? ((bytes - fromBytes) * 1_000) / elapsedMs : 0;
  const left = perSecond > 0 ? ` ${timeText((totalBytes - bytes) / perSecond)} left` : "";
  const percent = `${Math.floor(share * 100)}%`.padStart(4);
  const amount = `${sizeText(bytes)} of ${sizeText(totalBytes)}`;
  const end = bytes >= totalBytes ? "" : left;
  return `${name} ${bar} ${percent} ${amount} ${sizeText(perSecond)}/s${end}`;
}

/** A number of bytes in words of three digits. */
export function sizeText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let amount = bytes;
  let unit = 0;
  for (; amount >= 999.5 && unit < units.length - 1; unit++) amount /= 1_000;
  return `${amount >= 100 || unit === 0 ? Math.round(amount) : amount.toPrecision(2)} ${units[unit]}`;
}

function timeText(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`;
}
