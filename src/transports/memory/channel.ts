import { Inbox } from "../../bytes/inbox.ts";
import type { Channel } from "../../core/contracts/transport.ts";
import { Gate } from "../../core/engine/gate.ts";
import { SealwireError } from "../../core/model/errors.ts";

/** What a waiting chunk counts beside its bytes, so that empty chunks are bounded too. */
const CHUNK_COST_BYTES = 64;

/** What channels inside one process are like. */
export interface MemoryOptions {
  /**
   * Whether one chunk written is one chunk received. With `"lost"` it still is today, but the
   * channel does not promise it, so dialects use their framing.
   *
   * @default "lost"
   */
  readonly boundaries?: "kept" | "lost";
  /**
   * Bytes that may wait for the reader before `write` asks the writer to wait.
   *
   * @default 65_536
   */
  readonly maxWaitingBytes?: number;
}

/** Two ends of one path: what is written to one is read from the other. */
export function memoryPair(
  options: MemoryOptions = {},
  remotes: readonly [string, string] = ["memory:second", "memory:first"],
): [Channel, Channel] {
  const { boundaries = "lost", maxWaitingBytes = 65_536 } = options;
  const there = lane(maxWaitingBytes);
  const back = lane(maxWaitingBytes);
  return [
    new MemoryChannel(boundaries, remotes[0], back, there),
    new MemoryChannel(boundaries, remotes[1], there, back),
  ];
}

/** One direction: what waits for the reader, and where the writer waits for room. */
interface Lane {
  readonly inbox: Inbox<Uint8Array>;
  readonly gate: Gate;
}

function lane(maxWaiting: number): Lane {
  const gate = new Gate();
  const weigh = (chunk: Uint8Array) => chunk.length + CHUNK_COST_BYTES;
  return { inbox: new Inbox({ maxWaiting, weigh, onWanted: () => gate.open() }), gate };
}

class MemoryChannel implements Channel {
  readonly boundaries: "kept" | "lost";
  readonly remote: string;
  text?: boolean;
  readonly #incoming: Lane;
  readonly #outgoing: Lane;

  constructor(boundaries: "kept" | "lost", remote: string, incoming: Lane, outgoing: Lane) {
    this.boundaries = boundaries;
    this.remote = remote;
    this.#incoming = incoming;
    this.#outgoing = outgoing;
  }

  write(chunks: readonly Uint8Array[], release?: () => void): Promise<void> | undefined {
    const { inbox, gate } = this.#outgoing;
    let room = true;
    // Copied, because the writer may use its memory again and the reader may open in place.
    for (const chunk of chunks) room = inbox.put(new Uint8Array(chunk));
    release?.();
    return room ? undefined : gate.wait();
  }

  close(reason?: Error): Promise<void> {
    finish(this.#incoming, reason);
    this.#incoming.inbox.drain();
    finish(this.#outgoing, reason && broken(reason));
    return Promise.resolve();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return this.#incoming.inbox;
  }
}

function finish({ inbox, gate }: Lane, error: Error | undefined): void {
  inbox.end(error);
  gate.open();
}

function broken(cause: Error): SealwireError {
  const message = `the path was broken off at the other end: ${cause.message}`;
  return new SealwireError("UNAVAILABLE", message, { cause });
}
