import { Inbox } from "../../bytes/inbox.ts";
import { join } from "../../bytes/join.ts";
import type { Channel } from "../../core/contracts/transport.ts";
import { Gate } from "../../core/engine/gate.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { NodeMessage, WayName } from "./node-message.ts";

/** Bytes on their way to the other node before it has taken some. */
const WINDOW_BYTES = 1_048_576;
/** After so many taken bytes the other node is told. */
const TELL_BYTES = 131_072;

/** What a way needs of those who keep it. */
export interface WayOwner {
  /** The largest chunk that is put together again. */
  readonly maxChunkBytes: number;
  /** Bytes of one message. */
  readonly maxPartBytes: number;
  /** Formats at once; rejects when it could not be said. */
  tell(message: NodeMessage): Promise<void>;
  /** Nothing comes or goes any more. */
  over(): void;
}

/**
 * A channel to another node, through the engine. What it carries arrives in order and whole, or
 * it breaks; never more than a window of bytes is on the way.
 */
export class Way implements Channel {
  readonly boundaries: "kept" | "lost";
  readonly remote: string;
  readonly #name: WayName;
  readonly #owner: WayOwner;
  readonly #inbox = new Inbox<Uint8Array>({
    maxWaiting: WINDOW_BYTES,
    weigh: ({ length }) => length,
  });
  readonly #room = new Gate();
  readonly #parts: Uint8Array[] = [];
  #partBytes = 0;
  readonly #held: { readonly bytes: Uint8Array; readonly more: boolean }[] = [];
  #onTheWay = 0;
  #sent = 0;
  #received = 0;
  #taken = 0;
  #closing = false;
  #over = false;

  constructor(remote: string, boundaries: "kept" | "lost", name: WayName, owner: WayOwner) {
    this.remote = remote;
    this.boundaries = boundaries;
    this.#name = name;
    this.#owner = owner;
  }

  write(chunks: readonly Uint8Array[], release?: () => void): Promise<void> | undefined {
    if (!this.#over && !this.#closing) {
      for (const chunk of chunks) this.#divide(chunk);
    }
    release?.();
    return this.#full ? this.#room.wait() : undefined;
  }

  async close(reason?: Error): Promise<void> {
    if (this.#over) return;
    if (!reason && this.#held.length > 0) {
      this.#closing = true;
      return;
    }
    const said = reason ? { reason: reason.message } : {};
    this.#owner.tell({ kind: "closed", ...this.#name, ...said }).catch(() => {});
    this.end(reason && SealwireError.from(reason, "UNAVAILABLE"));
    this.#inbox.drain();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return {
      next: async () => {
        const next = await this.#inbox.next();
        if (!next.done) this.#took(next.value.length);
        return next;
      },
      return: () => this.#inbox.return(),
    };
  }

  /** The next part has come. */
  receive(bytes: Uint8Array, count: number, more: boolean): void {
    if (this.#over) return;
    if (count !== this.#received) return this.#break(lost());
    this.#received += 1;
    this.#parts.push(bytes);
    this.#partBytes += bytes.length;
    const { maxChunkBytes } = this.#owner;
    const waiting = this.#inbox.weight + this.#partBytes;
    // Whoever keeps to the window cannot have more on the way than it and one chunk.
    if (this.#partBytes > maxChunkBytes || waiting > WINDOW_BYTES + maxChunkBytes) {
      return this.#break(new SealwireError("TOO_LARGE", "more came than was asked for"));
    }
    if (more) return;
    this.#partBytes = 0;
    const parts = this.#parts.splice(0);
    this.#inbox.put(parts.length === 1 ? bytes : join(parts));
  }

  /** The other node has taken some. */
  granted(bytes: number): void {
    this.#onTheWay = Math.max(0, this.#onTheWay - bytes);
    // A chunk that was begun goes whole: the other node takes none before its end.
    let begun = false;
    while (this.#held.length > 0 && (begun || this.#onTheWay < WINDOW_BYTES)) {
      const part = this.#held.shift();
      if (part) this.#send(part.bytes, part.more);
      begun = part?.more === true;
    }
    if (this.#held.length === 0 && this.#closing) void this.close();
    if (!this.#full) this.#room.open();
  }

  /** It is over, whoever has ended it. */
  end(error: SealwireError | undefined): void {
    if (this.#over) return;
    this.#over = true;
    this.#held.length = 0;
    this.#inbox.end(error);
    this.#room.open();
    this.#owner.over();
  }

  get #full(): boolean {
    return !this.#over && (this.#held.length > 0 || this.#onTheWay >= WINDOW_BYTES);
  }

  #divide(chunk: Uint8Array): void {
    const { maxPartBytes } = this.#owner;
    const hold = this.#full;
    for (let at = 0; at < chunk.length; at += maxPartBytes) {
      const bytes = chunk.subarray(at, at + maxPartBytes);
      const more = this.boundaries === "kept" && at + maxPartBytes < chunk.length;
      if (hold) this.#held.push({ bytes: bytes.slice(), more });
      else this.#send(bytes, more);
    }
  }

  #send(bytes: Uint8Array, more: boolean): void {
    this.#onTheWay += bytes.length;
    const message = { kind: "data", ...this.#name, count: this.#sent, bytes, more } as const;
    this.#sent += 1;
    this.#owner.tell(message).catch((thrown: unknown) => this.#break(thrown));
  }

  #took(bytes: number): void {
    this.#taken += bytes;
    if (this.#taken < TELL_BYTES || this.#over) return;
    const taken = { kind: "taken", ...this.#name, bytes: this.#taken } as const;
    this.#taken = 0;
    this.#owner.tell(taken).catch((thrown: unknown) => this.#break(thrown));
  }

  #break(thrown: unknown): void {
    const error = SealwireError.from(thrown, "UNAVAILABLE");
    if (this.#over) return;
    this.#owner.tell({ kind: "closed", ...this.#name, reason: error.message }).catch(() => {});
    this.end(error);
  }
}

function lost(): SealwireError {
  return new SealwireError("UNAVAILABLE", "something between two nodes was lost on the way");
}
