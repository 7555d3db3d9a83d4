import { appendFileSync } from "node:fs";
import { loadavg } from "node:os";

/** Whether acceptance runs in full, or the part of it that every run of all tests can afford. */
export const WHOLE: boolean = process.env["SEALWIRE_WEATHER"] === "all";

/**
 * Prints a line of the table of acceptance, with the load of the machine beside it. Appends it to
 * the file that SEALWIRE_WEATHER_TABLE names.
 */
export function tell(row: string, wanted: string, figure: string): void {
  const line = `| ${row} | ${wanted} | ${figure} | ${loadavg()[0]?.toFixed(1)} |`;
  console.log(line);
  const file = process.env["SEALWIRE_WEATHER_TABLE"];
  if (file !== undefined) appendFileSync(file, `${line}\n`);
}
