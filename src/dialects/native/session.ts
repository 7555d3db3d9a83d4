import type { MsgpackCodec } from "../../codecs/msgpack.ts";
import type { About, Session } from "../../core/contracts/dialect.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { Message } from "../../core/model/message.ts";
import type { Principal } from "../../core/model/peer.ts";
import { Attachments } from "./attachments.ts";
import { malformed } from "./fields.ts";
import { formatBatch, parseBatch } from "./messages.ts";
import type { NativeSurroundings } from "./options.ts";
import type { Packing } from "./packing.ts";
import type { RecordLayer } from "./record.ts";
import { RECORD_ATTACHMENT, RECORD_BATCH, RECORD_REKEY } from "./record-types.ts";

/** What the greeting hands over. */
export interface NativeSessionParts {
  readonly records: RecordLayer;
  readonly settings: NativeSurroundings;
  /** The side that connected counts its calls in odd numbers, the other in even ones. */
  readonly connected: boolean;
  readonly principal?: Principal | undefined;
  readonly binding: Uint8Array;
  readonly about: About;
  /** The largest frame that the other side takes. */
  readonly maxSendBytes: number;
  /** The largest frame that we take. */
  readonly maxReceiveBytes: number;
  /** Present where both sides offer compression. */
  readonly packing: Packing | undefined;
}

/** Messages ⇄ sealed records, after the greeting. */
export class NativeSession implements Session {
  readonly principal?: Principal;
  readonly binding: Uint8Array;
  readonly about: About;
  readonly #parts: NativeSessionParts;
  readonly #records: RecordLayer;
  readonly #received: Attachments;
  readonly #sent: Attachments;
  readonly #codec: MsgpackCodec;
  #nextId: number;
  #unpackedBytes = 0;
  #rekeyedAt = Date.now();
  #rekeyAtRecord: number;

  constructor(parts: NativeSessionParts) {
    this.#parts = parts;
    this.#records = parts.records;
    if (parts.principal) this.principal = parts.principal;
    this.binding = parts.binding;
    this.about = parts.about;
    this.#nextId = parts.connected ? 1 : 2;
    this.#rekeyAtRecord = parts.settings.rekeyAfterRecords;
    this.#received = new Attachments(parts.maxReceiveBytes);
    this.#sent = new Attachments(parts.maxSendBytes);
    this.#codec = parts.settings.codecs({
      put: (bytes) => this.#sent.put(bytes),
      get: (index) => this.#received.get(index),
    });
  }

  nextCallId(): number {
    const id = this.#nextId;
    this.#nextId += 2;
    return id;
  }

  /** What the last frame held compressed, as long as it is now. */
  get unpackedBytes(): number {
    return this.#unpackedBytes;
  }

  decode(frame: Uint8Array): readonly Message[] {
    this.#unpackedBytes = 0;
    const { type, content } = this.#records.open(frame);
    switch (type) {
      case RECORD_BATCH:
        return this.#parse(content);
      case RECORD_ATTACHMENT:
        this.#received.add(content);
        return NOTHING_SAID;
      case RECORD_REKEY:
        if (content.length > 0) throw malformed("a change of the key that says something");
        this.#records.rekeyReceive();
        return NOTHING_SAID;
      default:
        throw malformed(`a record of the type ${type}, which does not belong here`);
    }
  }

  encode(batch: readonly Message[]): readonly Uint8Array[] {
    const parts = batch.length === 0 ? [] : this.#format(batch);
    // From here on nothing may fail for a single message: what is sealed must be sent.
    const frames: Uint8Array[] = [];
    if (this.#rekeyDue()) frames.push(this.#rekey());
    for (const { attached, content } of parts) {
      for (const bytes of attached) frames.push(this.#records.seal(RECORD_ATTACHMENT, bytes));
      frames.push(this.#records.seal(RECORD_BATCH, content));
    }
    return frames;
  }

  release(frames: readonly Uint8Array[]): void {
    for (const frame of frames) this.#records.release(frame);
  }

  #parse(content: Uint8Array): readonly Message[] {
    const messages = parseBatch(this.#codec.decode(content), this.#unpacker());
    this.#received.clear();
    const foreign = this.#parts.connected ? 0 : 1;
    for (const message of messages) {
      if (message.kind === "call" && Number(message.id) % 2 !== foreign) throw wrongSide();
    }
    return messages;
  }

  #unpacker(): ((bytes: Uint8Array) => unknown) | undefined {
    const { packing } = this.#parts;
    if (!packing) return undefined;
    return (bytes) => {
      const plain = packing.unpack(bytes);
      this.#unpackedBytes = plain.length;
      return this.#codec.decode(plain);
    };
  }

  /** The parts in which a batch leaves: one, unless it is too large for one record. */
  #format(batch: readonly Message[]): readonly Part[] {
    const { packing } = this.#parts;
    if (packing) return this.#formatSeparately(batch, packing);
    const part = this.#formatPart(batch, true);
    if (part) return [part];
    if (batch.length === 1) throw tooLarge(this.#parts.maxSendBytes);
    // The shared bytes of one half are overwritten by the other, so both are copied.
    return this.#formatHalves(batch);
  }

  #formatHalves(batch: readonly Message[]): readonly Part[] {
    const part = this.#formatPart(batch, false);
    if (part) return [part];
    if (batch.length === 1) throw tooLarge(this.#parts.maxSendBytes);
    const middle = batch.length >> 1;
    return [
      ...this.#formatHalves(batch.slice(0, middle)),
      ...this.#formatHalves(batch.slice(middle)),
    ];
  }

  /** With compression each message is looked at on its own, never together with others. */
  #formatSeparately(batch: readonly Message[], packing: Packing): readonly Part[] {
    return batch.map((message) => {
      const part = this.#formatPart([message], false);
      if (!part) throw tooLarge(this.#parts.maxSendBytes);
      return { ...part, content: packing.pack(part.content) };
    });
  }

  #formatPart(batch: readonly Message[], shared: boolean): Part | undefined {
    // What a message left behind that could not be formatted belongs to nobody.
    this.#sent.clear();
    const values = formatBatch(batch);
    const content = shared ? this.#codec.encodeShared(values) : this.#codec.encode(values);
    const { tooMany } = this.#sent;
    const attached = this.#sent.take();
    const fits = this.#fits(content) && attached.every((bytes) => this.#fits(bytes));
    return fits && !tooMany ? { attached, content } : undefined;
  }

  #fits(content: Uint8Array): boolean {
    return this.#records.frameBytes(content.length) <= this.#parts.maxSendBytes;
  }

  #rekeyDue(): boolean {
    const { rekeyAfterMs } = this.#parts.settings;
    if (this.#records.sealed >= this.#rekeyAtRecord) return true;
    return Date.now() - this.#rekeyedAt >= rekeyAfterMs && this.#records.sealed > 0;
  }

  #rekey(): Uint8Array {
    const frame = this.#records.seal(RECORD_REKEY, NOTHING);
    this.#records.rekeySend();
    this.#rekeyedAt = Date.now();
    this.#rekeyAtRecord = this.#records.sealed + this.#parts.settings.rekeyAfterRecords;
    return frame;
  }
}

interface Part {
  readonly attached: readonly Uint8Array[];
  readonly content: Uint8Array;
}

const NOTHING = new Uint8Array(0);
const NOTHING_SAID: readonly Message[] = Object.freeze([]);

function wrongSide(): SealwireError {
  return new SealwireError("PROTOCOL_VIOLATION", "the id of a call belongs to the other side");
}

function tooLarge(limit: number): SealwireError {
  return new SealwireError(
    "TOO_LARGE",
    `a message does not fit into the ${limit} bytes that the peer takes; stream it in pieces`,
  );
}
