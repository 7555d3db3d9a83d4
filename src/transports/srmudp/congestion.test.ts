import { expect, test } from "vitest";
import { Congestion, type Departure } from "./congestion.ts";
import { Pace } from "./pace.ts";
import { RoundTrip } from "./round-trip.ts";

const PACKET_BYTES = 1_426;
/** An original acknowledges so many packets at once. */
const GATHERED = 8;

interface Sent {
  readonly departure: Departure;
  readonly arrivesMs: number;
}

/** How a path is, and how long the sender is kept from running now and then. */
interface Path {
  /** Bytes each millisecond, one after the other, each for `EACH_MS`. */
  readonly capacities: readonly number[];
  readonly lateMs: number;
}

const EACH_MS = 6_000;

/** A path of 2 ms; gives how many bytes each millisecond the other end took. */
function carried({ capacities, lateMs }: Path): number[] {
  const roundTrip = new RoundTrip();
  const congestion = new Congestion(roundTrip, PACKET_BYTES, 0);
  const pace = new Pace(0);
  const flying: Sent[] = [];
  const taken = capacities.map(() => 0);
  let [inFlight, busyUntilMs, runsMs, random] = [0, 0, 0, 7];
  for (let nowMs = 0; nowMs < capacities.length * EACH_MS; nowMs++) {
    if (nowMs < runsMs) continue;
    random = (random * 48_271) % 2_147_483_647;
    runsMs = nowMs + 1 + (random % (lateMs + 1));
    const at = Math.floor(nowMs / EACH_MS);
    const there = flying.filter(({ arrivesMs }) => arrivesMs <= nowMs).length;
    const bytes = (there - (there % GATHERED)) * PACKET_BYTES;
    const last = flying.splice(0, bytes / PACKET_BYTES).at(-1);
    if (last !== undefined) {
      inFlight -= bytes;
      taken[at] = (taken[at] ?? 0) + bytes / EACH_MS;
      congestion.arrived(bytes, last.departure, inFlight, nowMs);
      roundTrip.measured(nowMs - last.departure.sentMs, nowMs);
    }
    pace.earn(nowMs, congestion.rate);
    while (pace.open && inFlight < Math.min(congestion.windowBytes, 64 * PACKET_BYTES)) {
      busyUntilMs = Math.max(busyUntilMs, nowMs) + PACKET_BYTES / (capacities[at] ?? 1);
      const departure = congestion.departs(inFlight, nowMs, false);
      flying.push({ departure, arrivesMs: busyUntilMs + 2 });
      pace.spend(PACKET_BYTES);
      inFlight += PACKET_BYTES;
    }
  }
  return taken;
}

test("keeps its speed to a slow peer nearby, however long it lasts", () => {
  const taken = carried({ capacities: [100, 100, 100, 100, 100], lateMs: 0 });
  expect(Math.min(...taken)).toBeGreaterThan(90);
});

test("keeps its speed on a machine that lets it run late", () => {
  const taken = carried({ capacities: [5_000, 5_000, 5_000, 5_000, 5_000], lateMs: 60 });
  expect(Math.min(...taken)).toBeGreaterThan(400);
});

test("notices that a peer has become faster again", () => {
  const taken = carried({ capacities: [1_000, 50, 1_000, 1_000], lateMs: 0 });
  expect(taken[0]).toBeGreaterThan(850);
  expect(taken[1]).toBeGreaterThan(40);
  expect(taken[3]).toBeGreaterThan(800);
});
