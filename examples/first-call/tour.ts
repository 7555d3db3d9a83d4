import { setTimeout as pause } from "node:timers/promises";
import { launchChromium } from "../../test/browser/chromium.ts";
import { startDemonstration } from "./demonstration.ts";
import { type Step, stepsInBrowser, stepsInNode, stepsOnCommandLine } from "./tour-steps.ts";

/** What came of one step. */
interface Outcome {
  readonly step: Step;
  readonly ok: boolean;
  readonly result: string;
  readonly ms: number;
}

const PATIENCE_MS = 20_000;

/** `npm run tour`: starts the demonstration, calls it from everywhere, shows what happened. */
const running = await startDemonstration({ tcp: 0, webSocket: 0 });
const browser = await launchChromium();
const outcomes: Outcome[] = [];
try {
  const steps = [
    ...stepsInNode(running),
    ...stepsOnCommandLine(running),
    ...stepsInBrowser(browser, running),
  ];
  for (const step of steps) outcomes.push(await taken(step));
} finally {
  await browser.close();
  await running.close();
}
console.log(tableOf(outcomes));
process.exit(outcomes.every(({ ok }) => ok) ? 0 : 1);

async function taken(step: Step): Promise<Outcome> {
  const began = performance.now();
  const outcome = await Promise.race([step.run(), tooLong()]).then(
    (result) => ({ ok: true, result }),
    (error: unknown) => ({ ok: false, result: String(error).split("\n")[0] ?? "" }),
  );
  return { step, ...outcome, ms: performance.now() - began };
}

async function tooLong(): Promise<never> {
  await pause(PATIENCE_MS, undefined, { ref: false });
  throw new Error(`not over within ${PATIENCE_MS} ms`);
}

function tableOf(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ step, ok, result, ms }) => [
    ok ? "ok" : "FAILED",
    step.from,
    step.what,
    result,
    ms.toFixed(0),
  ]);
  const failed = outcomes.filter(({ ok }) => !ok).length;
  const table = aligned([["", "from", "what", "result", "ms"], ...rows]);
  return `${table}\n\n${outcomes.length - failed} of ${outcomes.length} as expected`;
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((cell, at) => cell.padEnd(widths?.[at] ?? 0)).join("  ");
  return rows.map((row) => line(row).trimEnd()).join("\n");
}
