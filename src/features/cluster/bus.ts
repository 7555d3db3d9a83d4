import { encodeHex } from "../../bytes/text.ts";
import { type MsgpackCodec, msgpackCodec } from "../../codecs/msgpack.ts";
import type { Delivery, Subscription } from "../../core/contracts/cluster.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { randomBytes } from "../../crypto/random.ts";
import {
  formatNodeMessage,
  type NodeMessage,
  type Received,
  readNodeMessage,
  type Sender,
} from "./node-message.ts";
import type { ClusterConfig } from "./options.ts";

/** Takes what another node has said. */
export type Take = (from: Sender, message: NodeMessage) => void;

/** Beside what is said: who says it, and the fields around. */
const ENVELOPE_BYTES = 1_024;

/** Carries messages between this node and the others. */
export class Bus implements Sender {
  readonly node: string;
  readonly life: string = encodeHex(randomBytes(8));
  readonly #config: ClusterConfig;
  readonly #codec: MsgpackCodec;
  readonly #take: Take;
  readonly #subscriptions: Subscription[] = [];
  /** Kinds that were not understood, so that each is told of once. */
  readonly #strange = new Set<string>();

  constructor(config: ClusterConfig, take: Take) {
    this.#config = config;
    this.#take = take;
    this.node = config.cluster.nodeId;
    this.#codec = msgpackCodec({ maxBytes: config.limits.maxMessageBytes + ENVELOPE_BYTES });
  }

  /** @throws `UNAVAILABLE` when the engine is not there */
  async start(): Promise<void> {
    const { cluster } = this.#config;
    const receive = (delivery: Delivery) => this.#receive(delivery);
    this.#subscriptions.push(
      await cluster.subscribe(ALL, receive),
      await cluster.subscribe(ONE + this.node, receive),
    );
  }

  /** Formats at once; rejects when it could not be said. */
  async tell(message: NodeMessage, to?: string): Promise<void> {
    const payload = formatNodeMessage(this.#codec, this, message);
    await this.#config.cluster.publish(to === undefined ? ALL : ONE + to, payload);
  }

  /** Whether a node answers within so long; a process that has ended is missed at once. */
  async reaches(node: string, timeoutMs: number): Promise<boolean> {
    const ended = new AbortController();
    const cancel = this.#config.clock.after(timeoutMs, () => ended.abort());
    const payload = formatNodeMessage(this.#codec, this, { kind: "probe" });
    try {
      await this.#config.cluster.request(ONE + node, payload, { signal: ended.signal });
      return true;
    } catch {
      return false;
    } finally {
      cancel();
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#subscriptions.splice(0).map((each) => each.close()));
  }

  #receive({ payload, reply }: Delivery): void {
    const received = this.#read(payload);
    if (!received) return;
    const { node, life, kind, message } = received;
    if (node === this.node) return this.#ownName(life);
    if (message?.kind === "probe") reply?.(NOTHING).catch(() => {});
    else if (message) this.#take({ node, life }, message);
    else this.#notUnderstood(`${node}: ${kind}`);
  }

  #read(payload: Uint8Array): Received | undefined {
    try {
      const received = readNodeMessage(this.#codec, payload);
      if (received) return received;
      this.#notUnderstood("what no node says");
    } catch (thrown) {
      this.#notUnderstood(SealwireError.from(thrown).message);
    }
    return undefined;
  }

  #ownName(life: string): void {
    if (life === this.life || this.#strange.has(life)) return;
    this.#remember(life);
    const { node } = this;
    this.#config.logger.error({ node }, "another node of the cluster has the same name: end one");
  }

  #notUnderstood(what: string): void {
    if (this.#strange.has(what)) return;
    this.#remember(what);
    this.#config.logger.warn({ what }, "something of another node is not understood and ignored");
  }

  #remember(what: string): void {
    if (this.#strange.size >= MAX_STRANGE) this.#strange.clear();
    this.#strange.add(what);
  }
}

/** Subjects: for all nodes, and for one of them. */
const ALL = "nodes";
const ONE = "node.";

const MAX_STRANGE = 100;
const NOTHING = new Uint8Array(0);
