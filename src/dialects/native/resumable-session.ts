import type { About, Resumption, Session } from "../../core/contracts/dialect.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { Message } from "../../core/model/message.ts";
import type { Principal } from "../../core/model/peer.ts";
import type { Greeting } from "./greeting.ts";
import type { GreetingMap } from "./greeting-fields.ts";
import { HeldFrames } from "./held-frames.ts";
import type { RecordLayer } from "./record.ts";
import { RECORD_ACKNOWLEDGEMENT } from "./record-types.ts";
import type { NativeSession } from "./session.ts";

/** What a session needs to outlive its channel. */
export interface ResumableParts {
  readonly session: NativeSession;
  readonly records: RecordLayer;
  readonly id: Uint8Array;
  /** Known to the two ends alone, 32 bytes: proves that a channel goes on with this session. */
  readonly secret: Uint8Array;
  readonly windowMs: number;
  readonly maxHeldBytes: number;
  /** Asks for `encode` at the end of this turn. */
  flush(): void;
}

/** How far a side is, as it tells when it greets anew. */
export interface Progress {
  /** Records that it has opened. */
  readonly received: number;
  /** The first record that it can send again. */
  readonly first: number;
}

/**
 * A native session that keeps what it has sealed until the peer has opened it. On another channel
 * the same records go out once more, byte for byte: with the keys and nonces that they have.
 */
export class ResumableSession implements Session {
  readonly principal?: Principal;
  readonly binding: Uint8Array;
  readonly about: About;
  readonly resumption: Resumption;
  /** As in `ResumableParts`. */
  readonly secret: Uint8Array;
  readonly #parts: ResumableParts;
  readonly #mostBytes: number;
  readonly #inner: NativeSession;
  readonly #records: RecordLayer;
  readonly #held: HeldFrames;
  #unpackedBytes = 0;
  /** Records, their bytes and when, since the last acknowledgement of ours. */
  #acknowledged: number;
  #unacknowledgedBytes = 0;
  #acknowledgedAt = Date.now();
  #peerHas = 0;

  constructor(parts: ResumableParts) {
    const { session, records, id, windowMs } = parts;
    this.#parts = parts;
    this.#mostBytes = Math.min(MOST_BYTES, parts.maxHeldBytes / SHARE);
    this.#inner = session;
    this.#records = records;
    this.secret = parts.secret;
    if (session.principal) this.principal = session.principal;
    this.binding = session.binding;
    this.about = session.about;
    this.#acknowledged = records.opened;
    const free = (frame: Uint8Array): void => records.release(frame);
    this.#held = new HeldFrames(records.sealed, parts.maxHeldBytes, free);
    this.resumption = { id, windowMs, missed: () => this.#held.from(this.#peerHas) };
  }

  nextCallId(): number {
    return this.#inner.nextCallId();
  }

  get unpackedBytes(): number {
    return this.#unpackedBytes;
  }

  decode(frame: Uint8Array): readonly Message[] {
    const acknowledges = ((frame[0] ?? 0) & TYPE_BITS) === RECORD_ACKNOWLEDGEMENT;
    const messages = acknowledges ? this.#hear(frame) : this.#inner.decode(frame);
    this.#unpackedBytes = acknowledges ? 0 : this.#inner.unpackedBytes;
    this.#unacknowledgedBytes += frame.length;
    if (this.#due()) this.#parts.flush();
    return messages;
  }

  encode(batch: readonly Message[]): readonly Uint8Array[] {
    const frames = this.#inner.encode(batch);
    const said = this.#due() || this.#late() ? frames.concat(this.#acknowledge()) : frames;
    for (const frame of said) this.#held.add(frame);
    return said;
  }

  release(frames: readonly Uint8Array[]): void {
    this.#held.sent(frames);
  }

  /** How far we are, for a channel that greets anew. */
  get progress(): Progress {
    return { received: this.#records.opened, first: this.#held.first };
  }

  /**
   * Goes on from where the peer says that it is.
   *
   * @throws `CONFLICT` when one of the two lacks what the other has not got any more,
   * `HANDSHAKE_FAILED` when it does not say where it is
   */
  goOn(map: GreetingMap): void {
    const peer = parseProgress(map);
    const { received, first } = this.progress;
    const possible =
      peer.received >= first && peer.received <= this.#held.next && peer.first <= received;
    if (!possible) throw tooFarApart();
    this.#peerHas = peer.received;
  }

  /** The client's half of a greeting that goes on. @throws as `goOn`, and what the server says */
  async greetAgain(greeting: Greeting): Promise<this> {
    await greeting.say({ ...this.progress });
    this.goOn(await greeting.hear());
    return this;
  }

  #due(): boolean {
    const records = this.#records.opened - this.#acknowledged;
    return records >= MAX_RECORDS || (this.#unacknowledgedBytes >= this.#mostBytes && records > 0);
  }

  /** Something is said anyway, and it is long ago. */
  #late(): boolean {
    const records = this.#records.opened - this.#acknowledged;
    return records > 0 && Date.now() - this.#acknowledgedAt >= MAX_MS;
  }

  #acknowledge(): Uint8Array {
    this.#acknowledged = this.#records.opened;
    this.#unacknowledgedBytes = 0;
    this.#acknowledgedAt = Date.now();
    return this.#records.seal(RECORD_ACKNOWLEDGEMENT, formatCount(this.#acknowledged));
  }

  #hear(frame: Uint8Array): readonly Message[] {
    const { content } = this.#records.open(frame);
    const count = parseCount(content);
    if (count > this.#held.next) throw malformed("records that were not sent");
    this.#held.acknowledged(count);
    return NOTHING_SAID;
  }
}

/** A record's type without the bit that says it is padded. */
const TYPE_BITS = 0x7f;
/** Beyond so many records, or their bytes, an acknowledgement leaves by itself. */
const MAX_RECORDS = 32;
const MOST_BYTES = 262_144;
/** The peer keeps what it has sent until we acknowledge it, and probably as much of it as we. */
const SHARE = 16;
/** What was not acknowledged for so long is when something is said anyway. */
const MAX_MS = 1_000;
const NOTHING_SAID: readonly Message[] = Object.freeze([]);
const COUNT_BYTES = 8;

function formatCount(count: number): Uint8Array {
  const bytes = new Uint8Array(COUNT_BYTES);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(count));
  return bytes;
}

function parseCount(content: Uint8Array): number {
  if (content.length !== COUNT_BYTES) throw malformed("no count");
  const view = new DataView(content.buffer, content.byteOffset, COUNT_BYTES);
  return Number(view.getBigUint64(0));
}

function parseProgress({ received, first }: GreetingMap): Progress {
  if (isCount(received) && isCount(first)) return { received, first };
  throw new SealwireError("HANDSHAKE_FAILED", "the other side does not say how far it is");
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function malformed(what: string): SealwireError {
  return new SealwireError("PROTOCOL_VIOLATION", `an acknowledgement of ${what}`);
}

function tooFarApart(): SealwireError {
  const message = "more was said without a channel than is kept: this session cannot go on";
  return new SealwireError("CONFLICT", message);
}
