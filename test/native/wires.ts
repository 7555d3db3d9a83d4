import type { Wire } from "../../src/core/contracts/dialect.ts";
import { SealwireError } from "../../src/core/model/errors.ts";

/** Who wrote a frame. */
export type Side = "client" | "server";

/** A frame of a greeting, as it was written. */
export interface WrittenFrame {
  readonly from: Side;
  readonly bytes: Uint8Array;
}

/** Sees each frame on its way; what it returns arrives instead. `nth` counts from 0 for each side. */
export type Tap = (frame: Uint8Array, from: Side, nth: number) => readonly Uint8Array[];

/** Two ends of one wire in memory. When one side gives up, the other reads that it left. */
export interface WirePair {
  readonly client: Wire;
  readonly server: Wire;
  readonly written: readonly WrittenFrame[];
  end(): void;
}

/** A wire whose frames a test may change, double, hold back or record. */
export function wirePair(tap: Tap = (frame) => [frame]): WirePair {
  const written: WrittenFrame[] = [];
  const toServer = new Mailbox();
  const toClient = new Mailbox();
  let ended = false;
  const end = (from: Side, incoming: Mailbox, outgoing: Mailbox): Wire => {
    let nth = 0;
    return {
      remote: `memory:${from}`,
      read: () => incoming.take(),
      async write(frame) {
        if (ended) return;
        // Copied, since the receiver opens records in place.
        written.push({ from, bytes: frame.slice() });
        for (const each of tap(frame.slice(), from, nth++)) outgoing.put(each);
      },
    };
  };
  return {
    client: end("client", toClient, toServer),
    server: end("server", toServer, toClient),
    written,
    end() {
      ended = true;
      toServer.close();
      toClient.close();
    },
  };
}

class Mailbox {
  readonly #frames: Uint8Array[] = [];
  readonly #readers: { give(frame: Uint8Array): void; fail(error: Error): void }[] = [];
  #closed = false;

  put(frame: Uint8Array): void {
    const reader = this.#readers.shift();
    if (reader) reader.give(frame);
    else this.#frames.push(frame);
  }

  take(): Promise<Uint8Array> {
    const frame = this.#frames.shift();
    if (frame) return Promise.resolve(frame);
    if (this.#closed) return Promise.reject(left());
    return new Promise((give, fail) => this.#readers.push({ give, fail }));
  }

  close(): void {
    this.#closed = true;
    for (const reader of this.#readers.splice(0)) reader.fail(left());
  }
}

function left(): SealwireError {
  return new SealwireError("HANDSHAKE_FAILED", "the peer left before the handshake was over");
}
