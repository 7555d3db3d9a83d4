import type { Logger } from "../contracts/logger.ts";
import type { NodeCarrier, NodeReports, Nodes } from "../contracts/nodes.ts";
import { SealwireError } from "../model/errors.ts";
import { tell } from "./tell.ts";

/** The place of a server among the nodes of a cluster; empty until something carries its words. */
export class NodeSeat implements Nodes {
  readonly #logger: Logger;
  readonly #takers = new Map<string, ((value: unknown, node: string) => void)[]>();
  readonly #come: ((node: string) => void)[] = [];
  readonly #gone: ((node: string) => void)[] = [];
  #carrier: NodeCarrier | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  get self(): string | undefined {
    return this.#carrier?.self;
  }

  get others(): readonly string[] {
    return this.#carrier?.others ?? [];
  }

  get reachable(): boolean {
    return this.#carrier?.reachable ?? true;
  }

  say(topic: string, value: unknown, to?: string): void {
    this.#carrier?.say(topic, value, to);
  }

  onSaid(topic: string, take: (value: unknown, node: string) => void): void {
    this.#takers.set(topic, [...(this.#takers.get(topic) ?? []), take]);
  }

  onCome(hook: (node: string) => void): void {
    this.#come.push(hook);
  }

  onGone(hook: (node: string) => void): void {
    this.#gone.push(hook);
  }

  join(carrier: NodeCarrier): NodeReports {
    if (this.#carrier) {
      const message = `this server is the node ${this.#carrier.self} of a cluster already`;
      throw new SealwireError("ALREADY_EXISTS", message);
    }
    this.#carrier = carrier;
    const each = (hooks: readonly ((node: string) => void)[], node: string): void => {
      for (const hook of hooks) tell(this.#logger, { node }, () => hook(node));
    };
    return {
      said: (topic, value, node) => {
        for (const take of this.#takers.get(topic) ?? []) {
          tell(this.#logger, { node, topic }, () => take(value, node));
        }
      },
      came: (node) => each(this.#come, node),
      gone: (node) => each(this.#gone, node),
    };
  }
}
