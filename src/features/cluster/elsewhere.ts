import type { Host, HostCallOptions, Registered } from "../../core/contracts/feature.ts";
import { withCaller } from "../../core/engine/caller.ts";
import { fieldsOf } from "../../core/engine/fields.ts";
import { UNSENT } from "../../core/engine/outgoing-call.ts";
import { NO_ITEMS } from "../../core/engine/streams.ts";
import type { Call } from "../../core/model/call.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { Links } from "./links.ts";
import type { Membership } from "./membership.ts";
import type { ClusterConfig } from "./options.ts";

/** How nodes tell each other what they have registered. */
const TOPIC = "$procedures";
/** Nodes that one call is given to, when those before were lost. */
const MAX_TRIES = 3;

/** The procedures that other nodes have and this one has not. */
export class Elsewhere {
  readonly #host: Host;
  readonly #config: ClusterConfig;
  readonly #members: Membership;
  readonly #links: Links;
  readonly #byNode = new Map<string, ReadonlyMap<string, Registered["options"]>>();
  /** Made once for each, so that what wraps it is made once. */
  readonly #registered = new Map<string, Registered>();
  #told = "";

  constructor(host: Host, config: ClusterConfig, members: Membership, links: Links) {
    this.#host = host;
    this.#config = config;
    this.#members = members;
    this.#links = links;
    host.otherwise((procedure) => this.#find(procedure));
    host.nodes.onSaid(TOPIC, (value, node) => this.#learn(value, node));
    host.nodes.onCome((node) => host.nodes.say(TOPIC, this.#own(), node));
    host.nodes.onGone((node) => {
      this.#byNode.delete(node);
      this.#registered.clear();
    });
  }

  /** What a node has for the others. */
  of(node: string): readonly string[] {
    return [...(this.#byNode.get(node)?.keys() ?? [])];
  }

  /** Tells the others when something has been registered since. */
  tellChanges(): void {
    const own = this.#own();
    const text = JSON.stringify(own);
    if (text === this.#told) return;
    this.#told = text;
    this.#host.nodes.say(TOPIC, own);
  }

  #own(): readonly object[] {
    const own = [...this.#host.procedures()].filter(([name]) => !name.startsWith("$"));
    return own.slice(0, this.#config.limits.maxProcedures).map(([name, options]) => ({
      name,
      public: options.public === true,
      scopes: options.scopes ?? [],
      idempotent: options.idempotent === true,
    }));
  }

  #learn(value: unknown, node: string): void {
    const told: readonly unknown[] = Array.isArray(value) ? value : [];
    const { maxProcedures } = this.#config.limits;
    const entries = told.slice(0, maxProcedures).map(readProcedure);
    this.#byNode.set(node, new Map(entries.filter((entry) => entry !== undefined)));
    this.#registered.clear();
  }

  #find(name: string): Registered | undefined {
    const known = this.#registered.get(name);
    if (known) return known;
    const [node] = this.#nodesWith(name);
    const options = node === undefined ? undefined : this.#byNode.get(node)?.get(name);
    if (!options) return undefined;
    const made: Registered = { name, options, run: (call) => this.#run(call) };
    this.#registered.set(name, made);
    return made;
  }

  /** Those that have it, the one with least to do first. */
  #nodesWith(name: string): readonly string[] {
    const having = this.#members.others.filter(({ node }) => this.#byNode.get(node)?.has(name));
    const load = new Map(having.map(({ node, load }) => [node, load + this.#links.openAt(node)]));
    return [...load].sort(([, a], [, b]) => a - b).map(([node]) => node);
  }

  async #run(call: Call): Promise<unknown> {
    const { procedure } = call;
    const lost = new Set<string>();
    let failure = new SealwireError("UNAVAILABLE", `no node has ${procedure} any more`);
    while (lost.size < MAX_TRIES) {
      const node = this.#nodesWith(procedure).find((each) => !lost.has(each));
      if (node === undefined) break;
      const link = this.#links.to(node);
      try {
        return await link.call(procedure, call.args.positional, {
          ...this.#optionsFor(call),
          named: call.args.named,
        });
      } catch (thrown) {
        failure = SealwireError.from(thrown);
        if (!link.ending || !this.#mayRepeat(call, node, failure)) throw failure;
        lost.add(node);
      }
    }
    throw failure;
  }

  #mayRepeat(call: Call, node: string, { code, type }: SealwireError): boolean {
    if (call.signal.aborted || code !== "UNAVAILABLE") return false;
    if (type === UNSENT) return true;
    const { idempotent } = this.#byNode.get(node)?.get(call.procedure) ?? call;
    // Items that were streamed to one node are gone.
    return idempotent === true && call.input === NO_ITEMS;
  }

  #optionsFor({ deadline, input, meta, principal, peer, signal }: Call): HostCallOptions {
    const { self } = this.#host.nodes;
    return {
      signal,
      meta: withCaller(meta, principal, { ...peerOf(peer), id: `${self}/${peer.id}` }),
      timeoutMs:
        deadline === undefined ? Infinity : Math.max(1, deadline - this.#config.clock.now()),
      ...(input !== NO_ITEMS && { input }),
    };
  }
}

function peerOf({ remote, dialect }: Call["peer"]) {
  return { remote, dialect };
}

function readProcedure(
  value: unknown,
): readonly [name: string, options: Registered["options"]] | undefined {
  const { name, scopes, idempotent, public: open } = fieldsOf(value);
  if (typeof name !== "string" || name === "" || name.length > 256) return undefined;
  if (name.startsWith("$") || !Array.isArray(scopes)) return undefined;
  if (!scopes.every((scope) => typeof scope === "string")) return undefined;
  return [name, { public: open === true, scopes, idempotent: idempotent === true }];
}
