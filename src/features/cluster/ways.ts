import { SealwireError } from "../../core/model/errors.ts";
import type { Bus } from "./bus.ts";
import type { NodeMessage, Purpose, WayName } from "./node-message.ts";
import type { ClusterConfig } from "./options.ts";
import { Way } from "./way.ts";

/** The largest chunk on a way for calls: what one call takes. */
const MAX_CHUNK_BYTES = 16_777_216;
/** Room for what surrounds a part in its message. */
const AROUND_BYTES = 256;

/** Is given each way that another node opens. */
export type Opened = (way: Way, purpose: Purpose, node: string) => void;

/** The ways between this node and the others. */
export class Ways {
  readonly #config: ClusterConfig;
  readonly #bus: Bus;
  readonly #opened: Opened;
  readonly #byNode = new Map<string, Map<string, Way>>();
  #last = 0;

  constructor(config: ClusterConfig, bus: Bus, opened: Opened) {
    this.#config = config;
    this.#bus = bus;
    this.#opened = opened;
  }

  /** A way to a node that is there. */
  open(node: string, purpose: Purpose): Way {
    this.#last += 1;
    const name = { way: this.#last, mine: true };
    const way = this.#make(node, purpose, name);
    this.#bus.tell({ kind: "open", way: name.way, purpose }, node).catch((thrown: unknown) => {
      way.end(SealwireError.from(thrown, "UNAVAILABLE"));
    });
    return way;
  }

  /** What a node says of a way; other messages are not for us. */
  receive(node: string, message: NodeMessage): void {
    if (message.kind === "open") return this.#accept(node, message);
    if (message.kind !== "data" && message.kind !== "taken" && message.kind !== "closed") return;
    const way = this.#byNode.get(node)?.get(keyOf({ way: message.way, mine: !message.mine }));
    if (message.kind === "data") {
      if (way) way.receive(message.bytes, message.count, message.more);
      else this.#refuse(node, { way: message.way, mine: !message.mine }, "there is no such way");
    } else if (message.kind === "taken") way?.granted(message.bytes);
    else way?.end(message.reason === undefined ? undefined : ended(node, message.reason));
  }

  /** A node has gone, and with it all ways to it. */
  gone(node: string): void {
    for (const way of [...(this.#byNode.get(node)?.values() ?? [])]) {
      way.end(new SealwireError("UNAVAILABLE", `the node ${node} has gone`));
    }
  }

  async close(): Promise<void> {
    const all = [...this.#byNode.values()].flatMap((ways) => [...ways.values()]);
    await Promise.all(all.map((way) => way.close(closing())));
  }

  #accept(node: string, { way: number, purpose }: NodeMessage & { readonly kind: "open" }): void {
    const name = { way: number, mine: false };
    const { maxChannels } = this.#config.limits;
    const open = this.#byNode.get(node);
    if (open?.has(keyOf(name))) return;
    if ((open?.size ?? 0) >= maxChannels) return this.#refuse(node, name, "too many ways are open");
    this.#opened(this.#make(node, purpose, name), purpose, node);
  }

  #refuse(node: string, name: WayName, reason: string): void {
    this.#bus.tell({ kind: "closed", ...name, reason }, node).catch(() => {});
  }

  #make(node: string, purpose: Purpose, name: WayName): Way {
    const ways = this.#byNode.get(node) ?? new Map<string, Way>();
    this.#byNode.set(node, ways);
    const way = new Way(`node ${node}/${name.way}`, purpose === "calls" ? "kept" : "lost", name, {
      maxChunkBytes: MAX_CHUNK_BYTES,
      maxPartBytes: this.#config.limits.maxMessageBytes - AROUND_BYTES,
      tell: (message) => this.#bus.tell(message, node),
      over: () => {
        ways.delete(keyOf(name));
        if (ways.size === 0 && this.#byNode.get(node) === ways) this.#byNode.delete(node);
      },
    });
    ways.set(keyOf(name), way);
    return way;
  }
}

function keyOf({ way, mine }: WayName): string {
  return `${mine ? "to" : "from"} ${way}`;
}

function ended(node: string, reason: string): SealwireError {
  return new SealwireError("UNAVAILABLE", `the node ${node} has closed the way: ${reason}`);
}

function closing(): SealwireError {
  return new SealwireError("UNAVAILABLE", "this node is shutting down");
}
