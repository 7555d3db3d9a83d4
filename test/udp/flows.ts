import { expect } from "vitest";
import { join } from "../../src/bytes/join.ts";
import { Inflow } from "../../src/transports/udp/inflow.ts";
import { Outflow } from "../../src/transports/udp/outflow.ts";
import { PartPool } from "../../src/transports/udp/part-pool.ts";

/** What goes into the checks of these streams. */
export const SEED = 0xdead_beef;

/** As `taken` gives it. */
export interface Taken {
  readonly data: Uint8Array[];
  readonly credit: readonly number[];
  readonly inflow: Inflow;
  ended(): boolean;
}

/** As `sending` gives it. */
export interface Sending {
  readonly parts: Uint8Array[];
  readonly outflow: Outflow;
}

/** What an inflow found. */
export function taken(): Taken {
  const data: Uint8Array[] = [];
  const credit: number[] = [];
  let ended = false;
  const inflow = new Inflow(SEED, {
    data: (bytes) => data.push(bytes.slice()),
    end: () => {
      ended = true;
    },
    credit: (bytes, count) => {
      expect(count).toEqual({ received: 2 * bytes, spares: bytes % 2 === 1 });
      credit.push(bytes);
    },
  });
  return { data, credit, inflow, ended: () => ended };
}

/** An outflow whose pieces are kept and arrive at once; `room` says what udx answers. */
export function sending(room: () => boolean = () => true): Sending {
  const parts: Uint8Array[] = [];
  const outflow = new Outflow({
    ...{ pool: new PartPool(), seed: SEED },
    flight: { allowance: () => Infinity, sent: () => {} },
    put(piece) {
      parts.push(join(piece.map(({ bytes }) => bytes)));
      for (const segment of piece) segment.release?.();
      return room();
    },
  });
  return { parts, outflow };
}
