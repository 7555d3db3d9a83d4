import { appendFileSync } from "node:fs";
import { loadavg } from "node:os";

/** Whether the whole table is run, or the part of it that every run of all tests can afford. */
export const WHOLE: boolean = process.env["SEALWIRE_NATLAB"] === "all";

/** Hundreds of meetings take their time. */
export const WHOLE_TIMEOUT: { readonly testTimeout: number; readonly hookTimeout: number } =
  Object.freeze({ testTimeout: 3_600_000, hookTimeout: 60_000 });

/** As often in the whole table; else as often as `few` says. */
export function times(whole: number, few: number): number {
  return WHOLE ? whole : few;
}

/**
 * Prints a line of the table, with the load of the machine beside it: a figure of a busy machine says
 * less. Appends it to the file that SEALWIRE_NATLAB_TABLE names.
 */
export function tell(row: string, wanted: string, figure: string): void {
  const line = `| ${row} | ${wanted} | ${figure} | ${loadavg()[0]?.toFixed(1)} |`;
  console.log(line);
  const file = process.env["SEALWIRE_NATLAB_TABLE"];
  if (file) appendFileSync(file, `${line}\n`);
}

/** Median and worst in words. */
export function spread(values: readonly number[]): string {
  return `median ${Math.round(quantile(values, 0.5))} ms, worst ${Math.round(quantile(values, 1))} ms`;
}

/** The value below which a share of all lies; 1 for the greatest. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
