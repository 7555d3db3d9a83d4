import type { Msg } from "@nats-io/transport-node";
import { encodeHex } from "../../bytes/text.ts";
import { randomBytes } from "../../crypto/random.ts";
import { asked, type Bucket } from "./bucket.ts";

/** One message of a bucket, as the engine delivers it. */
export interface BucketMessage {
  /** What the engine calls the key. */
  readonly name: string;
  /** Its place in the whole bucket. */
  readonly sequence: number;
  /** Messages that are still behind it. */
  readonly pending: number;
  readonly data: Uint8Array;
}

/** What one reading of a bucket tells. */
export interface SessionEvents {
  readonly message: (message: BucketMessage) => void;
  /** Nothing is left to deliver just now. */
  readonly idle: () => void;
  /** The reading cannot go on; another one can. */
  readonly broken: (why: string) => void;
}

const HEARTBEAT_MS = 2_000;
/** Silence after which the engine has forgotten this reading. */
const SILENCE_MS: number = 3 * HEARTBEAT_MS;
const NANOS_OF_MS = 1_000_000;
/** Of NATS: a message that is no data. */
const CONTROL = 100;

/** One reading of a bucket through one consumer, from a sequence on or from what is last there. */
export class BucketSession {
  readonly #bucket: Bucket;
  readonly #events: SessionEvents;
  readonly #end: () => void;
  #delivered = 0;
  #heardAt: number = performance.now();
  #consumer: string | undefined;
  #closed = false;

  /** @throws `UNAVAILABLE`, or what JetStream answers */
  static async open(
    bucket: Bucket,
    from: number | undefined,
    events: SessionEvents,
  ): Promise<BucketSession> {
    const inbox = `_INBOX.${encodeHex(randomBytes(12))}`;
    const session = new BucketSession(bucket, inbox, events);
    try {
      const adding = bucket.manager.consumers.add(bucket.stream, {
        deliver_subject: inbox,
        filter_subject: `${bucket.prefix}>`,
        ack_policy: "none",
        flow_control: true,
        idle_heartbeat: HEARTBEAT_MS * NANOS_OF_MS,
        inactive_threshold: 10 * HEARTBEAT_MS * NANOS_OF_MS,
        max_deliver: 1,
        mem_storage: true,
        num_replicas: 1,
        ...(from === undefined
          ? { deliver_policy: "last_per_subject" }
          : { deliver_policy: "by_start_sequence", opt_start_seq: from }),
      });
      const { name, num_pending: pending } = await asked(bucket.link, adding);
      session.#consumer = name;
      if (pending === 0 && session.#delivered === 0) events.idle();
      return session;
    } catch (thrown) {
      session.close();
      throw thrown;
    }
  }

  private constructor(bucket: Bucket, inbox: string, events: SessionEvents) {
    this.#bucket = bucket;
    this.#events = events;
    const subscription = bucket.link.subscribe(inbox, (message) => this.#take(message));
    const watching = setInterval(() => this.#lookForSilence(), HEARTBEAT_MS);
    this.#end = () => {
      clearInterval(watching);
      if (!subscription.isClosed()) subscription.unsubscribe();
    };
  }

  get closed(): boolean {
    return this.#closed;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#end();
    const { link, manager, stream } = this.#bucket;
    // Otherwise the engine forgets it by itself, later.
    if (this.#consumer !== undefined && link.reachable) {
      manager.consumers.delete(stream, this.#consumer).catch(() => {});
    }
  }

  #take(message: Msg): void {
    if (this.#closed) return;
    this.#heardAt = performance.now();
    const code = message.headers?.code ?? 0;
    if (code === CONTROL) return this.#control(message);
    if (code !== 0) return this.#break(`the engine ended it with ${code}`);
    const place = placeOf(message.reply);
    if (!place || place.delivery !== this.#delivered + 1)
      return this.#break("deliveries are missing");
    this.#delivered = place.delivery;
    const { sequence, pending } = place;
    const name = message.subject.slice(this.#bucket.prefix.length);
    this.#events.message({ name, sequence, pending, data: message.data });
  }

  /** Heartbeats, and questions whether this side keeps up. */
  #control(message: Msg): void {
    const { headers, reply } = message;
    if (reply !== undefined && reply !== "") message.respond();
    const stalled = headers?.get("Nats-Consumer-Stalled") ?? "";
    if (stalled !== "") this.#bucket.link.connection.publish(stalled);
    const last = headers?.get("Nats-Last-Consumer") ?? "";
    if (last === "") return;
    if (Number(last) !== this.#delivered) this.#break("deliveries are missing");
    else if (stalled === "") this.#events.idle();
  }

  #lookForSilence(): void {
    if (performance.now() - this.#heardAt > SILENCE_MS) this.#break("the engine fell silent");
  }

  #break(why: string): void {
    if (this.#closed) return;
    this.close();
    this.#events.broken(why);
  }
}

interface Place {
  readonly sequence: number;
  readonly delivery: number;
  readonly pending: number;
}

/**
 * Where a delivery stands, from the subject that would acknowledge it: `$JS.ACK`, then (of newer
 * servers domain and account,) stream, consumer, count, sequence, delivery, time and pending.
 */
function placeOf(acknowledge: string | undefined): Place | undefined {
  const tokens = acknowledge?.split(".") ?? [];
  const at = tokens.length === 9 ? 5 : 7;
  const [sequence, delivery, , pending] = tokens.slice(at, at + 4).map(Number);
  if (sequence === undefined || delivery === undefined || pending === undefined) return undefined;
  return { sequence, delivery, pending };
}
