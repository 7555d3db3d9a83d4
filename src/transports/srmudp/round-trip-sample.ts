import type { Acknowledgement } from "./acknowledgement.ts";
import type { Flight } from "./in-flight.ts";
import { PSH } from "./packets.ts";

/** How long an acknowledged packet has taken there and back; `undefined` when it cannot be told. */
export function roundTripSample(
  acknowledged: readonly Flight[],
  said: Acknowledgement | undefined,
  nowMs: number,
): number | undefined {
  return said === undefined ? ofPush(acknowledged, nowMs) : ofEcho(said.echo, nowMs);
}

/** An original answers only what asks for it: of packets that were not repeated, the last. */
function ofPush(acknowledged: readonly Flight[], nowMs: number): number | undefined {
  const last = acknowledged.at(-1);
  if (last === undefined || last.retry > 0 || (last.control & PSH) === 0) return undefined;
  return nowMs - last.departure.sentMs;
}

function ofEcho(echo: number, nowMs: number): number | undefined {
  const sampleMs = nowMs - echo * 1_000;
  return echo > 0 && sampleMs >= 0 && sampleMs < LONGEST_MS ? sampleMs : undefined;
}

const LONGEST_MS = 60_000;
