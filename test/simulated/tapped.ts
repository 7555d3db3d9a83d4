import type { Channel, Transport } from "../../src/core/contracts/transport.ts";
import { SealwireError } from "../../src/core/model/errors.ts";

/** A transport whose channels on the connecting side can be disturbed. */
export interface TappedTransport extends Transport {
  /** The channels that were opened, the latest last. */
  readonly taps: readonly Tap[];
  /** While set, nobody gets through. */
  down: SealwireError | undefined;
}

/** A hand on one channel. */
export interface Tap extends Channel {
  /** Bytes that passed so far, out of this end. */
  readonly sent: number;
  /** Everything is lost from now on, at both ends. */
  break(): void;
  /** So many more bytes leave, then everything is lost: the middle of a frame. */
  breakAfter(bytes: number): void;
  /** The next bytes that leave have another last byte on the other side. */
  damage(): void;
  /** Puts foreign bytes on the path. */
  inject(bytes: Uint8Array): void;
  /** Nothing is read from the path until the returned function is called. */
  stall(): () => void;
}

export function tapped(inner: Transport): TappedTransport {
  const taps: Tap[] = [];
  const transport: TappedTransport = {
    scheme: inner.scheme,
    taps,
    down: undefined,
    listen: (address) => inner.listen(address),
    async connect(address, options) {
      if (transport.down) throw transport.down;
      const tap = new TappedChannel(await inner.connect(address, options));
      taps.push(tap);
      return tap;
    },
  };
  return transport;
}

class TappedChannel implements Tap {
  readonly boundaries: "kept" | "lost";
  readonly remote: string;
  sent = 0;
  readonly #inner: Channel;
  #left = Number.POSITIVE_INFINITY;
  #damages = false;
  #stalled: Promise<void> | undefined;
  #go: () => void = () => {};

  constructor(inner: Channel) {
    this.#inner = inner;
    this.boundaries = inner.boundaries;
    this.remote = inner.remote;
  }

  write(chunks: readonly Uint8Array[], release?: () => void): Promise<void> | undefined {
    let waits: Promise<void> | undefined;
    for (const chunk of this.#damages ? spoiled(chunks) : chunks) {
      const passing = chunk.subarray(0, this.#left);
      this.#left -= passing.length;
      this.sent += passing.length;
      if (passing.length > 0) waits = this.#inner.write([passing]);
      if (passing.length < chunk.length) this.break();
    }
    this.#damages = false;
    release?.();
    return waits;
  }

  close(reason?: Error): Promise<void> {
    this.#go();
    return this.#inner.close(reason);
  }

  break(): void {
    this.#go();
    void this.#inner.close(new SealwireError("UNAVAILABLE", "the path was cut"));
  }

  breakAfter(bytes: number): void {
    this.#left = bytes;
  }

  damage(): void {
    this.#damages = true;
  }

  inject(bytes: Uint8Array): void {
    void this.#inner.write([bytes]);
  }

  stall(): () => void {
    this.#stalled = new Promise((resolve) => {
      this.#go = () => {
        this.#stalled = undefined;
        resolve();
      };
    });
    return () => this.#go();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    const chunks = this.#inner[Symbol.asyncIterator]();
    return {
      next: async () => {
        await this.#stalled;
        return chunks.next();
      },
    };
  }
}

function spoiled(chunks: readonly Uint8Array[]): readonly Uint8Array[] {
  const last = chunks.at(-1)?.slice() ?? new Uint8Array(0);
  last[last.length - 1] = ~(last.at(-1) ?? 0);
  return [...chunks.slice(0, -1), last];
}
