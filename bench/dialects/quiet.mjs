/** What others do on this machine: whoever measures beside them measures them. */
import { cpus } from "node:os";
import { setTimeout } from "node:timers/promises";

const LOOK_MS = 500;
/** So many cores may be busy with other things where it counts as quiet. */
export const QUIET_CORES = 0.25;

/** CPU time that all cores have spent on anything, in microseconds. */
export function busyUs() {
  const times = cpus().map(({ times: { user, nice, sys, irq } }) => user + nice + sys + irq);
  return 1_000 * times.reduce((a, b) => a + b);
}

/** Resolves when the machine is quiet, or the time is up. */
export async function untilQuiet(deadline) {
  while (Date.now() < deadline) {
    const [busy, began] = [busyUs(), Date.now()];
    await setTimeout(LOOK_MS);
    if (busyUs() - busy < QUIET_CORES * 1_000 * (Date.now() - began)) return;
  }
}
