import type { ByteQueue } from "../../bytes/byte-queue.ts";
import { Inbox } from "../../bytes/inbox.ts";
import type { Channel } from "../../core/contracts/transport.ts";
import { Gate } from "../../core/engine/gate.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { lost } from "../tcp/failures.ts";
import { commandFrame, formatPing, parseCommand, parsePing } from "./commands.ts";
import type { CurveSession } from "./curve-record.ts";
import { silent } from "./failures.ts";
import { bodyHeader, COMMAND, FrameReader, MORE } from "./frames.ts";
import type { Greeted } from "./handshake.ts";
import type { HandshakePath } from "./handshake-path.ts";
import { Heartbeat, type HeartbeatPort } from "./heartbeat.ts";
import type { ZeromqSettings } from "./options.ts";
import { Parts } from "./parts.ts";

/** What a waiting body costs beside its bytes, so that tiny messages are bounded too. */
const BODY_COST_BYTES = 64;
/** How many of its own intervals a peer may have to wait for a word of ours. */
const TTL_INTERVALS = 3;
const EMPTY: Uint8Array = new Uint8Array(0);

/**
 * A ZMTP connection after its greeting, as a channel: one chunk is the body of one message. When
 * enough waits to be taken, nothing more is read, so that the peer has to wait; its `PING` too.
 */
export class ZmtpChannel implements Channel, HeartbeatPort {
  readonly boundaries = "kept";
  readonly remote: string;
  readonly protection?: { readonly by: string; readonly remoteKey: Uint8Array };
  readonly #stream: Channel;
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #received: ByteQueue;
  readonly #frames: FrameReader;
  readonly #parts: Parts;
  readonly #curve: CurveSession | undefined;
  readonly #heartbeat: Heartbeat;
  readonly #inbox: Inbox<Uint8Array>;
  readonly #wanted = new Gate();
  /** Read ahead before anybody asks: a peer may want signs of life. */
  #room = true;
  #reading = false;
  #answered: Promise<void> | undefined;
  #closed = false;

  constructor(path: HandshakePath, { minor, curve }: Greeted, settings: ZeromqSettings) {
    const { limits, heartbeatMs } = settings;
    this.remote = path.remote;
    this.#stream = path.channel;
    this.#chunks = path.chunks;
    this.#received = path.received;
    this.#curve = curve;
    if (curve !== undefined) this.protection = { by: "curve", remoteKey: curve.remoteKey };
    const largestFrame = limits.maxMessageBytes + (curve?.addedBytes ?? 0);
    this.#frames = new FrameReader(path.received, largestFrame, "maxMessageBytes");
    this.#parts = new Parts(limits);
    this.#inbox = new Inbox({
      maxWaiting: limits.maxWaitingBytes,
      weigh: (body) => body.length + BODY_COST_BYTES,
      onWanted: () => {
        this.#room = true;
        this.#wanted.open();
      },
    });
    // ZMTP 3.0 knows no PING.
    const asks = heartbeatMs !== false && minor > 0;
    this.#heartbeat = new Heartbeat(this, asks ? heartbeatMs : undefined);
    void this.#receive();
  }

  /** Each chunk leaves as a message of its own: an empty delimiter, and the chunk. */
  write(chunks: readonly Uint8Array[], release?: () => void): Promise<void> | undefined {
    if (this.#closed) {
      release?.();
      return undefined;
    }
    this.#heartbeat.sent();
    const frames: Uint8Array[] = [];
    const curve = this.#curve;
    if (curve === undefined) {
      for (const body of chunks) frames.push(bodyHeader(body.length), body);
      return this.#stream.write(frames, release);
    }
    for (const body of chunks) {
      curve.seal(EMPTY, MORE, frames);
      curve.seal(body, 0, frames);
    }
    // Sealing has copied them.
    release?.();
    return this.#stream.write(frames);
  }

  async close(reason?: Error): Promise<void> {
    this.#end(reason);
    this.#inbox.drain();
    await this.#stream.close(reason);
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return this.#inbox;
  }

  /** Whether we would notice if the peer said something. */
  get listening(): boolean {
    return this.#reading;
  }

  ask(intervalMs: number): void {
    this.#command(formatPing(intervalMs * TTL_INTERVALS));
  }

  lost(silentMs: number): void {
    const error = silent(this.remote, silentMs);
    this.#end(error);
    void this.#stream.close(error);
  }

  #end(reason?: Error): void {
    this.#closed = true;
    this.#heartbeat.stop();
    this.#inbox.end(reason);
    this.#wanted.open();
  }

  async #receive(): Promise<void> {
    try {
      while (await this.#step());
    } catch (thrown) {
      const error = SealwireError.from(thrown, "PROTOCOL_VIOLATION");
      this.#end(error);
      void this.#stream.close(error);
    }
  }

  /** Takes what is there, and waits for what is missing. Tells whether there may be more. */
  async #step(): Promise<boolean> {
    while (this.#room && this.#answered === undefined) if (!this.#takeFrame()) break;
    if (this.#closed) return false;
    if (this.#answered !== undefined) await this.#untilAnswered(this.#answered);
    else if (this.#room) return this.#read();
    else await this.#untilWanted();
    return true;
  }

  async #read(): Promise<boolean> {
    this.#reading = true;
    const { done, value } = await this.#chunks.next();
    this.#reading = false;
    if (done !== true) {
      this.#heartbeat.heard();
      this.#received.push(value);
      return true;
    }
    this.#heartbeat.stop();
    // Cut off within a message, the peer has not ended in order.
    const whole = this.#received.length === 0 && !this.#parts.unfinished;
    this.#inbox.end(whole ? undefined : lost(this.remote));
    return false;
  }

  async #untilWanted(): Promise<void> {
    await this.#wanted.wait();
    // Its silence counts from now on: before, nobody listened.
    this.#heartbeat.heard();
  }

  /** Whoever asks and does not read the answers is not read either. */
  async #untilAnswered(answered: Promise<void>): Promise<void> {
    await answered;
    this.#answered = undefined;
  }

  #takeFrame(): boolean {
    const content = this.#frames.next();
    if (content === undefined) return false;
    const curve = this.#curve;
    const part = curve === undefined ? content : curve.open(content);
    const { flags } = curve ?? this.#frames;
    if ((flags & COMMAND) !== 0) this.#obey(part);
    else this.#takePart(part, flags);
    return true;
  }

  #takePart(part: Uint8Array, flags: number): void {
    const body = this.#parts.take(part, flags);
    if (body !== undefined) this.#room = this.#inbox.put(body);
  }

  /** Commands that we do not know are for others (RFC 37 knows some of publishers). */
  #obey(content: Uint8Array): void {
    const { name, data } = parseCommand(content);
    if (name !== "PING") return;
    const { pong, ttlMs } = parsePing(data);
    this.#heartbeat.expectWithin(ttlMs);
    this.#answered = this.#command(pong);
  }

  #command(content: Uint8Array): Promise<void> | undefined {
    this.#heartbeat.sent();
    if (this.#curve === undefined) return this.#stream.write([commandFrame(content)]);
    const frames: Uint8Array[] = [];
    this.#curve.seal(content, COMMAND, frames);
    return this.#stream.write(frames);
  }
}
