import type { Msg } from "@nats-io/transport-node";
import type { Cluster, Delivery, Subscription } from "../../core/contracts/cluster.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { nodeCrypto } from "../../crypto/providers/best.node.ts";
import { AskedMessages } from "./asked-messages.ts";
import { ClusterSeal, SEAL_BYTES } from "./cluster-seal.ts";
import { loadNats } from "./load-nats.ts";
import { NatsLink } from "./nats-link.ts";
import { type NatsOptions, natsTarget } from "./options.ts";
import { Rejections } from "./rejections.ts";
import { ReplayGuard } from "./replay-guard.ts";

/** What a node of a cluster over NATS is told. */
export interface NatsClusterOptions extends NatsOptions {
  /** The name of this node, which no other node of the cluster has. */
  readonly nodeId: string;
}

/** A node of a cluster over NATS. */
export interface NatsCluster extends Cluster {
  /** Payloads that nobody of the cluster had sealed, or that came again; the log tells of them. */
  readonly dropped: number;
}

/**
 * Joins a cluster whose engine is NATS. The engine carries sealed payloads under hashed names; it
 * sees who sends how much when, and can withhold, but neither read, alter nor repeat.
 *
 * @throws `UNSUPPORTED` when the packages of NATS are not installed, `UNAVAILABLE` when it cannot
 * be reached, `INVALID_ARGUMENT` for options that cannot be used
 *
 * @example
 * const servers = "nats://127.0.0.1:4222";
 * const cluster = await natsCluster({ servers, clusterKey, nodeId: "a" });
 */
export async function natsCluster(options: NatsClusterOptions): Promise<NatsCluster> {
  const target = natsTarget(options);
  const seal = new ClusterSeal(await nodeCrypto(), target.clusterKeys);
  const link = await NatsLink.open(await loadNats(), options, target);
  return new NatsNode(options.nodeId, target.name, link, seal);
}

const publicationContext = (subject: string): string => `publication ${subject}`;
const requestContext = (subject: string): string => `request ${subject}`;
/** An answer is sealed for the very request. */
const replyContext = (sealedRequest: Uint8Array): string =>
  `reply ${ClusterSeal.idOf(sealedRequest)}`;

class NatsNode implements NatsCluster {
  readonly nodeId: string;
  readonly description: string;
  readonly #name: string;
  readonly #link: NatsLink;
  readonly #seal: ClusterSeal;
  readonly #rejections: Rejections;
  readonly #asked: AskedMessages;

  constructor(nodeId: string, name: string, link: NatsLink, seal: ClusterSeal) {
    this.nodeId = nodeId;
    this.description = link.description;
    this.#name = name;
    this.#link = link;
    this.#seal = seal;
    this.#rejections = new Rejections(link.logger);
    this.#asked = new AskedMessages(link);
  }

  get dropped(): number {
    return this.#rejections.count;
  }

  async publish(subject: string, payload: Uint8Array): Promise<void> {
    this.#check(payload);
    const [address = ""] = this.#addressesOf(subject);
    this.#link.publish(address, this.#seal.seal(payload, publicationContext(subject)));
    await this.#link.flushed();
  }

  async subscribe(
    subject: string,
    receive: (delivery: Delivery) => void,
    group?: string,
  ): Promise<Subscription> {
    this.#link.checkThere();
    const guard = new ReplayGuard();
    const take = (message: Msg): void => {
      const delivery = this.#open(subject, message, guard);
      if (delivery) receive(delivery);
    };
    // Under each key: whichever is the first there, the nodes of a group are one.
    const groups = group === undefined ? [] : this.#seal.names(`group ${group}`);
    const subscriptions = this.#addressesOf(subject).map((address, i) =>
      this.#link.subscribe(address, take, groups[i]),
    );
    await this.#link.flushed();
    return {
      close: async () => {
        for (const one of subscriptions) if (!one.isClosed()) one.unsubscribe();
        if (this.#link.reachable) await this.#link.flushed();
      },
    };
  }

  async request(
    subject: string,
    payload: Uint8Array,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<Uint8Array> {
    signal.throwIfAborted();
    this.#check(payload);
    const [address = ""] = this.#addressesOf(subject);
    const sealed = this.#seal.seal(payload, requestContext(subject));
    const context = replyContext(sealed);
    const read = ({ data }: Msg): Uint8Array | undefined => {
      const opened = this.#seal.open(data, context);
      if (!opened)
        this.#rejections.add("an answer that nobody of the cluster sealed for its request");
      return opened?.plaintext;
    };
    const { answer, giveUp } = this.#asked.ask({ address, payload: sealed, read, nobody });
    const aborted = (): void => giveUp(signal.reason);
    signal.addEventListener("abort", aborted, { once: true });
    try {
      return await answer;
    } finally {
      signal.removeEventListener("abort", aborted);
    }
  }

  onReachable(tell: (reachable: boolean) => void): void {
    this.#link.onReachable(tell);
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  #addressesOf(subject: string): readonly string[] {
    return this.#seal.names(`subject ${subject}`).map((name) => `${this.#name}.${name}`);
  }

  #check({ length }: Uint8Array): void {
    this.#link.checkThere();
    const most = this.#link.maxPayloadBytes - SEAL_BYTES;
    if (length <= most) return;
    const message = `a payload has ${length} bytes, and NATS there carries ${most}; see max_payload`;
    throw new SealwireError("TOO_LARGE", message);
  }

  #open(subject: string, message: Msg, guard: ReplayGuard): Delivery | undefined {
    const { data, reply } = message;
    const asked = reply !== undefined && reply !== "";
    const context = asked ? requestContext(subject) : publicationContext(subject);
    const opened = this.#seal.open(data, context);
    if (!opened)
      this.#rejections.add("a payload that nobody of the cluster sealed for its subject");
    else if (!guard.accepts(opened)) this.#rejections.add("a payload that had come before");
    else if (!asked) return { payload: opened.plaintext };
    else {
      const answering = replyContext(data);
      const { plaintext: payload } = opened;
      return { payload, reply: (answer) => this.#answer(message, answer, answering) };
    }
    return undefined;
  }

  async #answer(message: Msg, answer: Uint8Array, context: string): Promise<void> {
    this.#check(answer);
    this.#link.publish(message.reply ?? "", this.#seal.seal(answer, context));
    await this.#link.flushed();
  }
}

function nobody(): SealwireError {
  return new SealwireError("NOT_FOUND", "nobody in the cluster is subscribed to this subject");
}
