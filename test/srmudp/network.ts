import type { DatagramSocket, Endpoint } from "../../src/core/contracts/datagram-socket.ts";
import type { ManualClock } from "../../src/testing/manual-clock.ts";

/** What happens to datagrams on their way. */
export interface Weather {
  /** Of a hundred. */
  readonly loss?: number;
  readonly double?: number;
  /** Held back so that later ones overtake. */
  readonly reorder?: number;
  readonly delayMs?: number;
}

/** One datagram as somebody on the path sees it. */
export interface Seen {
  readonly bytes: Uint8Array;
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly atMs: number;
}

/** Sockets in memory on a clock that stands: the same seed, the same fate of every datagram. */
export class Network {
  readonly clock: ManualClock;
  readonly seen: Seen[] = [];
  weather: Weather;
  /** Says which datagrams pass; for cables that are cut and attackers who take something out. */
  passes: (datagram: Seen) => boolean = () => true;
  readonly #takers = new Map<string, (bytes: Uint8Array, from: Endpoint) => void>();
  #random: number;

  constructor(clock: ManualClock, weather: Weather = {}, seed = 1) {
    this.clock = clock;
    this.weather = weather;
    this.#random = seed * 2_654_435_761;
  }

  socket(address: Endpoint): DatagramSocket {
    return {
      address,
      send: (bytes, to) => this.send(bytes.slice(), address, to),
      receive: (take) => this.#takers.set(nameOf(address), take),
      close: async () => {
        this.#takers.delete(nameOf(address));
      },
    };
  }

  /** Also for attackers, who write any sender they like. */
  send(bytes: Uint8Array, from: Endpoint, to: Endpoint): void {
    const datagram = { bytes, from, to, atMs: this.clock.now() };
    this.seen.push(datagram);
    if (!this.passes(datagram) || this.#happens(this.weather.loss)) return;
    const times = this.#happens(this.weather.double) ? 2 : 1;
    for (let time = 0; time < times; time++) {
      const late = this.#happens(this.weather.reorder) ? 10 : 0;
      const waitMs = (this.weather.delayMs ?? 0.1) + late + time;
      this.clock.after(waitMs, () => this.#takers.get(nameOf(to))?.(bytes.slice(), from));
    }
  }

  /** Lets time pass, and those who wait for promises go on. */
  async pass(ms: number, stepMs = 5): Promise<void> {
    for (let left = ms; left > 0; left -= stepMs) {
      this.clock.advance(Math.min(stepMs, left));
      await Promise.resolve();
    }
  }

  /** Lets time pass until something is so; throws when it never is. */
  async until(holds: () => boolean, withinMs: number, stepMs = 5): Promise<number> {
    const beganMs = this.clock.now();
    while (!holds()) {
      if (this.clock.now() - beganMs > withinMs) throw new Error(`not within ${withinMs} ms`);
      this.clock.advance(stepMs);
      await Promise.resolve();
      await Promise.resolve();
    }
    return this.clock.now() - beganMs;
  }

  #happens(percent = 0): boolean {
    // Mulberry32: small, and the same everywhere.
    this.#random = (this.#random + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#random ^ (this.#random >>> 15), 1 | this.#random);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32 < percent / 100;
  }
}

function nameOf({ host, port }: Endpoint): string {
  return `${host} ${port}`;
}
