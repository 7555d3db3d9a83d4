import type { NodeReports } from "../../core/contracts/nodes.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { Bus } from "./bus.ts";
import type { NodeMessage, Sender } from "./node-message.ts";
import type { ClusterConfig } from "./options.ts";

/** Ticks without a word after which a node counts as gone. */
const MAX_SILENT_TICKS = 4;

/** Another node that is there. */
export interface KnownNode extends Sender {
  /** Calls that it ran when it spoke last. */
  load: number;
  /** Ticks of ours since it spoke. */
  silent: number;
  /** The last of what it said to all that arrived here. */
  seq: number;
  /** Not all that it says is known here: it is asked until it has told. */
  behind: boolean;
  /** Something else was missed meanwhile. */
  again: boolean;
  /** What was said to it alone, and what it has said to this node alone. */
  saidTo: number;
  heardFrom: number;
}

/** What membership needs of the node. */
export interface MembershipOwner {
  readonly reports: NodeReports;
  readonly load: () => number;
  /** Is told once in each interval. */
  readonly ticked: () => void;
  /** Whoever has gone: its ways are closed. */
  gone(node: KnownNode): void;
}

/** Which nodes are there, and whether all that they said arrived. */
export class Membership {
  readonly #config: ClusterConfig;
  readonly #bus: Bus;
  readonly #owner: MembershipOwner;
  readonly #known = new Map<string, KnownNode>();
  #seq = 0;
  #reachable = true;
  #toldFull = false;
  #cancelTick = (): void => {};
  #closed = false;

  constructor(config: ClusterConfig, bus: Bus, owner: MembershipOwner) {
    this.#config = config;
    this.#bus = bus;
    this.#owner = owner;
  }

  get others(): readonly KnownNode[] {
    return [...this.#known.values()];
  }

  get reachable(): boolean {
    return this.#reachable;
  }

  find(node: string): KnownNode | undefined {
    return this.#known.get(node);
  }

  /** Says hello and goes on doing so. */
  start(): void {
    this.#config.cluster.onReachable((reachable) => this.#turned(reachable));
    this.#tick();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelTick();
    await this.#bus.tell({ kind: "bye" }).catch(() => {});
  }

  /** Something that all shall hear, or one. */
  say(topic: string, value: unknown, to?: string): void {
    if (this.#closed) return;
    if (to !== undefined) {
      const known = this.#known.get(to);
      if (known) known.saidTo += 1;
      return this.#tell({ kind: "said", topic, value }, to);
    }
    this.#seq += 1;
    this.#tell({ kind: "said", topic, value, seq: this.#seq });
  }

  /** Whether it came from a node that is known, so that others may look at it. */
  receive(from: Sender, message: NodeMessage): boolean {
    if (this.#closed) return false;
    const known = this.#known.get(from.node);
    if (message.kind === "hello") this.#hello(from, known, message);
    if (!known || known.life !== from.life) return false;
    known.silent = 0;
    if (message.kind === "bye") this.#forget(known, "has ended");
    else if (message.kind === "missed") this.#tellAll(known);
    else if (message.kind === "told") this.#wasTold(known, message.count);
    else if (message.kind === "said") {
      if (message.seq === undefined) known.heardFrom += 1;
      else this.#count(known, message.seq - 1, message.seq);
      this.#owner.reports.said(message.topic, message.value, known.node);
    }
    return true;
  }

  #hello(
    from: Sender,
    known: KnownNode | undefined,
    { seq, load, answer }: NodeMessage & { readonly kind: "hello" },
  ): void {
    if (known?.life === from.life) {
      known.load = load;
      return this.#count(known, seq, seq);
    }
    if (known) this.#forget(known, "was started anew");
    if (this.#known.size >= this.#config.limits.maxNodes) return this.#full(from.node);
    const counts = { silent: 0, saidTo: 0, heardFrom: 0 };
    this.#known.set(from.node, { ...from, ...counts, load, seq, behind: true, again: false });
    this.#config.logger.info({ node: from.node }, "a node has come");
    if (!answer) this.#tell(this.#helloOfOurs(true), from.node);
    this.#tell({ kind: "missed" }, from.node);
  }

  #tellAll(known: KnownNode): void {
    this.#owner.reports.came(known.node);
    this.#tell({ kind: "told", count: known.saidTo }, known.node);
  }

  /** What was said to this node alone has no numbers of its own: all of it must have come. */
  #wasTold(known: KnownNode, count: number): void {
    known.behind = known.again || known.heardFrom !== count;
    known.again = false;
    known.heardFrom = count;
  }

  #full(node: string): void {
    if (this.#toldFull) return;
    this.#toldFull = true;
    const { maxNodes } = this.#config.limits;
    this.#config.logger.warn({ node, maxNodes }, "too many nodes: no more are heard");
  }

  /** `before` is what should have been the last; else something is missing. */
  #count(known: KnownNode, before: number, now: number): void {
    const missing = known.seq !== before;
    known.seq = now;
    if (!missing) return;
    if (known.behind) {
      known.again = true;
      return;
    }
    known.behind = true;
    this.#config.logger.info({ node: known.node }, "missed something of a node: asks for all");
    this.#tell({ kind: "missed" }, known.node);
  }

  #tick(): void {
    this.#cancelTick = this.#config.clock.after(this.#config.intervalMs, () => this.#tick());
    for (const known of this.others) {
      if (known.behind) this.#tell({ kind: "missed" }, known.node);
      // While nobody can be heard, silence says nothing.
      if (this.#reachable) known.silent += 1;
      if (known.silent > MAX_SILENT_TICKS) this.#forget(known, "says nothing any more");
    }
    this.#owner.ticked();
    this.#tell(this.#helloOfOurs(false));
  }

  #helloOfOurs(answer: boolean): NodeMessage {
    return { kind: "hello", seq: this.#seq, load: this.#owner.load(), answer };
  }

  #turned(reachable: boolean): void {
    if (this.#closed || this.#reachable === reachable) return;
    this.#reachable = reachable;
    const { logger, cluster } = this.#config;
    const engine = cluster.description;
    if (!reachable) {
      return logger.error({ engine }, "the engine of the cluster is gone: serving this node alone");
    }
    logger.info({ engine }, "the engine of the cluster is back");
    for (const known of this.others) known.silent = 0;
    this.#tell(this.#helloOfOurs(false));
  }

  #forget(known: KnownNode, why: string): void {
    this.#known.delete(known.node);
    this.#toldFull = false;
    this.#config.logger.warn({ node: known.node }, `a node ${why}`);
    this.#owner.gone(known);
    this.#owner.reports.gone(known.node);
  }

  /** What could not be said while the engine is gone is noticed by its missing number. */
  #tell(message: NodeMessage, to?: string): void {
    this.#bus.tell(message, to).catch((thrown: unknown) => {
      const { code, message: why } = SealwireError.from(thrown);
      if (code === "UNAVAILABLE") return;
      const topic = message.kind === "said" ? message.topic : message.kind;
      this.#config.logger.warn({ code, topic }, `other nodes were not told: ${why}`);
    });
  }
}
