import type { Range } from "./acknowledgement.ts";
import type { Departure } from "./congestion.ts";
import type { Outgoing } from "./outbox.ts";
import { after, distance } from "./sequence.ts";

/** A packet that was sent and is not acknowledged. */
export interface Flight {
  readonly sequence: number;
  control: number;
  readonly data: Uint8Array;
  readonly message: Outgoing;
  /** The message ends with it. */
  readonly last: boolean;
  departure: Departure;
  retry: number;
  /** `there`: it has arrived, others before it have not. `lost`: it waits to be repeated. */
  state: "flying" | "there" | "lost";
}

/** The packets on their way, in order of their numbers. */
export class InFlight {
  #flights: Flight[] = [];
  #head = 0;
  /** The number of the first. */
  #first: number;
  /** What is on its way: without that which has arrived or was given up as lost. */
  flyingBytes = 0;
  /** Everything that was sent and not acknowledged without a gap. */
  heldBytes = 0;

  constructor(firstSequence: number) {
    this.#first = firstSequence;
  }

  get size(): number {
    return this.#flights.length - this.#head;
  }

  /** The number of the next packet. */
  get next(): number {
    return after(this.#first, this.size);
  }

  add(flight: Flight): void {
    this.#flights.push(flight);
    this.flyingBytes += flight.data.length;
    this.heldBytes += flight.data.length;
  }

  at(sequence: number): Flight | undefined {
    const index = distance(this.#first, sequence);
    return index < 0 ? undefined : this.#flights[this.#head + index];
  }

  get first(): Flight | undefined {
    return this.#flights[this.#head];
  }

  get last(): Flight | undefined {
    return this.size === 0 ? undefined : this.#flights.at(-1);
  }

  /** Whether this number can be acknowledged: everything up to it was sent. */
  knows(sequence: number): boolean {
    const ahead = distance(this.#first, sequence);
    return ahead >= -1 && ahead < this.size;
  }

  /** Takes out all up to this number; `undefined` when it is none that was sent. */
  acknowledge(upTo: number): readonly Flight[] {
    const count = distance(this.#first, upTo) + 1;
    if (count <= 0 || count > this.size) return [];
    const gone = this.#flights.slice(this.#head, this.#head + count);
    this.#head += count;
    this.#first = after(this.#first, count);
    for (const flight of gone) {
      this.heldBytes -= flight.data.length;
      if (flight.state === "flying") this.flyingBytes -= flight.data.length;
    }
    if (this.#head > 256 && this.#head * 2 > this.#flights.length) {
      this.#flights = this.#flights.slice(this.#head);
      this.#head = 0;
    }
    return gone;
  }

  /** Marks what has arrived beyond a gap; gives those that were not known to be there. */
  arrived(ranges: readonly Range[]): readonly Flight[] {
    const fresh: Flight[] = [];
    for (const { first, last } of ranges) {
      const from = Math.max(0, distance(this.#first, first));
      const to = Math.min(this.size - 1, distance(this.#first, last));
      for (let at = from; at <= to; at++) {
        const flight = this.#flights[this.#head + at];
        if (flight === undefined || flight.state === "there") continue;
        if (flight.state === "flying") this.flyingBytes -= flight.data.length;
        flight.state = "there";
        fresh.push(flight);
      }
    }
    return fresh;
  }

  /** What left before this moment, up to this number, and has not arrived: it is lost. */
  overdue(sentBeforeMs: number, upTo: number): readonly Flight[] {
    const count = Math.min(this.size, distance(this.#first, upTo) + 1);
    const lost: Flight[] = [];
    for (let at = 0; at < count; at++) {
      const flight = this.#flights[this.#head + at];
      if (flight?.state !== "flying" || flight.departure.sentMs >= sentBeforeMs) continue;
      this.lose(flight);
      lost.push(flight);
    }
    return lost;
  }

  /** What was repeated before this moment and is still on its way. */
  repeatedBefore(ms: number): readonly Flight[] {
    return this.rest().filter(
      ({ state, retry, departure }) => state === "flying" && retry > 0 && departure.sentMs < ms,
    );
  }

  lose(flight: Flight): void {
    if (flight.state !== "flying") return;
    flight.state = "lost";
    this.flyingBytes -= flight.data.length;
  }

  /** It leaves again. */
  repeated(flight: Flight, departure: Departure): void {
    flight.departure = departure;
    flight.retry = Math.min(flight.retry + 1, LARGEST_RETRY);
    if (flight.state !== "flying") this.flyingBytes += flight.data.length;
    flight.state = "flying";
  }

  /** Everything that is left, oldest first. */
  rest(): readonly Flight[] {
    return this.#flights.slice(this.#head);
  }
}

/** One byte on the wire; an original breaks when it counts beyond. */
const LARGEST_RETRY = 254;
