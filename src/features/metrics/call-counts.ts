import type { ErrorCode } from "../../core/model/errors.ts";
import { Histogram } from "./histogram.ts";

/** How a call ended: `"OK"`, or the code of its error. */
export type CallEnd = "OK" | ErrorCode;

/** What is known of the calls of one procedure. */
export interface ProcedureCounts {
  readonly ends: ReadonlyMap<CallEnd, number>;
  readonly durations: Histogram;
}

/** Counts calls by procedure. Only registered procedures are counted, so the list is bounded. */
export class CallCounts {
  readonly #bounds: readonly number[];
  readonly #procedures = new Map<string, Counts>();

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
  }

  get procedures(): ReadonlyMap<string, ProcedureCounts> {
    return this.#procedures;
  }

  add(procedure: string, end: CallEnd, seconds: number): void {
    const known = this.#procedures.get(procedure);
    const counts = known ?? { ends: new Map(), durations: new Histogram(this.#bounds) };
    if (!known) this.#procedures.set(procedure, counts);
    counts.ends.set(end, (counts.ends.get(end) ?? 0) + 1);
    counts.durations.add(seconds);
  }
}

interface Counts {
  readonly ends: Map<CallEnd, number>;
  readonly durations: Histogram;
}
