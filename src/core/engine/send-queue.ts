import type { Turn } from "../contracts/turn.ts";
import { SealwireError } from "../model/errors.ts";
import { type Arguments, type CallId, type Message, NO_ARGUMENTS } from "../model/message.ts";
import { Gate } from "./gate.ts";
import type { Link } from "./handshake.ts";
import { weightOf } from "./weight.ts";

/** What the queue asks of its connection. */
export interface SendQueueOwner {
  /** A message could not be formatted. Returns what is said instead, if anything. */
  refuse(message: Message, error: unknown): Message | undefined;
  /** What was said has been sealed and handed to the channel. */
  flushed(): void;
  /** Sealing or writing failed for good. */
  fail(error: unknown): void;
  /** The channel took everything: there is room again. */
  drained(): void;
}

/**
 * So much is sealed at once although the turn is not over: while we go on, the peer works on it.
 * With whole turns at once the two ends took turns instead of working side by side (bench W2 with
 * 64 in flight: 1.6 times as many calls, W3 at 1 KiB 1.5 times). Bytes are estimates.
 */
const MOST_MESSAGES = 48;
const MOST_BYTES = 4_096;
/** Items wait for no answer, so more of them share what a record costs. */
const MORE_OF_ITEMS = 3;

/**
 * The only place that writes. Collects what is said in a turn, has it sealed and written at the
 * end: one record and one write a turn. While the channel is full the batch is held unsealed.
 */
export class SendQueue {
  readonly #link: Link;
  readonly #turn: Turn;
  readonly #owner: SendQueueOwner;
  readonly #maxHeldBytes: number;
  #batch: Message[] = [];
  #batchBytes = 0;
  #scheduled = false;
  #sealing = false;
  #paused = false;
  #closed = false;
  #full: Promise<void> | undefined;
  readonly #room = new Gate();
  sentBytes = 0;
  sentMessages = 0;

  constructor(link: Link, turn: Turn, maxHeldBytes: number, owner: SendQueueOwner) {
    this.#maxHeldBytes = maxHeldBytes;
    this.#link = link;
    this.#turn = turn;
    this.#owner = owner;
  }

  /** Messages that wait because the channel is full or the peer asked for a pause. */
  get held(): number {
    return this.blocked ? this.#batch.length : 0;
  }

  /** Whether what is pushed now has to wait. */
  get blocked(): boolean {
    return this.#full !== undefined || this.#paused;
  }

  /** Takes one message; it leaves at the end of the turn. */
  push(message: Message): void {
    if (this.#closed) return;
    const bytes = weighed(message);
    if (
      this.blocked &&
      this.#batchBytes + bytes > this.#maxHeldBytes &&
      message.kind === "result"
    ) {
      this.#batch.push(unread(message.id, this.#batchBytes));
      return;
    }
    this.#batch.push(message);
    this.#batchBytes += bytes;
    const more = message.kind === "item" ? MORE_OF_ITEMS : 1;
    const full =
      this.#batch.length >= more * MOST_MESSAGES || this.#batchBytes >= more * MOST_BYTES;
    if (full) this.flush();
    else this.schedule();
  }

  /** Asks for a batch at the end of this turn, even an empty one: the session wants to speak. */
  schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#turn.endOfTurn(this.#endOfTurn);
  }

  /** `undefined` when there is room; else resolves, for all who wait, when there is. */
  room(): Promise<void> | undefined {
    if (!this.blocked || this.#closed) return undefined;
    return this.#room.wait();
  }

  /** The peer wants silence, or no longer. */
  setPaused(paused: boolean): void {
    this.#paused = paused;
    if (!paused) this.#continue();
  }

  /** Seals and writes at once what has been said. */
  flush(): void {
    if (this.#closed || this.blocked) return;
    // What is said while a batch is sealed leaves after it, or its record would overtake.
    if (this.#sealing) return this.schedule();
    const batch = this.#batch;
    this.#batch = [];
    this.#batchBytes = 0;
    this.#sealing = true;
    try {
      this.#write(this.#encode(batch));
      this.sentMessages += batch.length;
      this.#owner.flushed();
    } catch (error) {
      this.#owner.fail(error);
    } finally {
      this.#sealing = false;
    }
  }

  /** Resolves when everything said so far has been taken by the channel. */
  async emptied(): Promise<void> {
    this.flush();
    while (!this.#closed && (this.#full || (this.#batch.length > 0 && !this.#paused))) {
      await this.#full;
      this.flush();
    }
  }

  /** Nothing is written any more; nobody waits any more. */
  close(): void {
    this.#closed = true;
    this.#batch = [];
    this.#batchBytes = 0;
    this.#room.open();
  }

  readonly #endOfTurn = (): void => {
    this.#scheduled = false;
    this.flush();
  };

  #encode(batch: readonly Message[]): readonly Uint8Array[] {
    try {
      return this.#link.session.encode(batch);
    } catch (error) {
      if (!isUnsayable(error)) throw error;
      const [message] = batch;
      if (batch.length > 1) return batch.flatMap((single) => this.#encode([single]));
      if (!message) throw error;
      const instead = this.#owner.refuse(message, error);
      return instead ? this.#link.session.encode([instead]) : [];
    }
  }

  #write(frames: readonly Uint8Array[]): void {
    if (frames.length === 0) return;
    const { framing, channel, session } = this.#link;
    const chunks: Uint8Array[] = [];
    // A loop, as `flatMap` costs as much as the rest of this.
    for (const frame of frames) chunks.push(...framing.wrap(frame));
    for (const chunk of chunks) this.sentBytes += chunk.length;
    const full = channel.write(chunks, session.release && (() => session.release?.(frames)));
    if (full) this.#waitFor(full);
  }

  #waitFor(full: Promise<void>): void {
    this.#full = full;
    const go = () => {
      this.#full = undefined;
      this.#continue();
    };
    full.then(go, (error) => this.#owner.fail(error));
  }

  #continue(): void {
    if (this.blocked || this.#closed) return;
    this.flush();
    // Whoever waits for a peer that is away now goes on: it may be long.
    if (this.blocked && !this.#link.lasting?.away) return;
    this.#room.open();
    if (!this.blocked) this.#owner.drained();
  }
}

/** Whether one message is to blame, which the others must not suffer for; else sealing is broken. */
function isUnsayable(thrown: unknown): boolean {
  if (!(thrown instanceof SealwireError)) return true;
  return ["INVALID_ARGUMENT", "TOO_LARGE", "UNSUPPORTED"].includes(thrown.code);
}

/** Only what may be large is worth weighing. */
function weighed(message: Message): number {
  switch (message.kind) {
    case "result":
    case "item":
      return weightOf(message.value);
    case "event":
      return weightOf(message.data);
    case "call":
      return weighedArguments(message.args);
    default:
      return 0;
  }
}

function weighedArguments({ positional, named }: Arguments): number {
  const bytes = weightOf(positional);
  return named === NO_ARGUMENTS.named ? bytes : bytes + weightOf(named);
}

/** In the place of an answer, to a peer that asks for more than it reads. */
function unread(id: CallId, bytes: number): Message {
  const message = `${bytes} bytes wait to be read; ask for less at once`;
  return { kind: "error", id, failure: { code: "RATE_LIMITED", message } };
}
