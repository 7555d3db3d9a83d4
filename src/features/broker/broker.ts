import type { Feature, Host, HostCallOptions } from "../../core/contracts/feature.ts";
import { withCaller } from "../../core/engine/caller.ts";
import { NO_ITEMS } from "../../core/engine/streams.ts";
import type { Call } from "../../core/model/call.ts";
import { NO_ARGUMENTS } from "../../core/model/message.ts";
import type { Peer } from "../../core/model/peer.ts";
import { nameTaken, otherAccess, workerAway } from "./broker-errors.ts";
import { Dispatcher } from "./dispatcher.ts";
import { type OfferedProcedure, readOffer } from "./offer.ts";
import { type BrokerConfig, type BrokerOptions, brokerConfig } from "./options.ts";

/** A broker, for those who watch over it. */
export interface Broker {
  readonly workers: readonly BrokerWorkerInfo[];
  /** Calls that wait for a worker. */
  readonly waiting: number;
  /** Calls that have not settled. */
  readonly open: number;
  /**
   * Refuses new calls with `UNAVAILABLE`. Resolves when all that are here have settled, or after
   * so long; then the server can be closed.
   */
  drain(timeoutMs?: number): Promise<void>;
}

/** One worker that is connected. */
export interface BrokerWorkerInfo {
  readonly peer: Peer;
  readonly procedures: readonly string[];
  readonly concurrency: number;
  /** Calls that it runs. */
  readonly open: number;
  readonly leaving: boolean;
}

/**
 * Lets workers that connect here serve procedures to all who call here. A worker is a client with
 * `brokerWorker`; it offers names, and each call goes to the one that has least to do.
 *
 * @throws `INVALID_ARGUMENT` for an option that makes no sense
 */
export function broker(options: BrokerOptions = {}): Feature<Broker> {
  const config = brokerConfig(options);
  return (host) => {
    const dispatcher = new Dispatcher(config, (worker, call) =>
      host.call(worker, call.procedure, call.args, optionsFor(call, config)),
    );
    addProcedures(host, config, dispatcher);
    host.onDisconnect((peer) => void dispatcher.lost(peer));
    host.sessions.onAway((peer, away) => {
      // Its calls go to another at once, and not when its session ends a minute later.
      if (away && dispatcher.lost(peer)) host.disconnect(peer, workerAway());
    });
    host.onClose(async () => dispatcher.close());
    return handleOf(dispatcher, config);
  };
}

/** What a worker's call is given of its caller's: what is left of the time, metadata, items. */
function optionsFor(call: Call, { clock }: BrokerConfig): HostCallOptions {
  const { deadline, input, meta, principal, signal } = call;
  return {
    signal,
    meta: withCaller(meta, principal),
    // Without a deadline the caller's patience alone counts: giving up cancels the call.
    timeoutMs: deadline === undefined ? Infinity : Math.max(1, deadline - clock.now()),
    ...(input !== NO_ITEMS && { input }),
  };
}

function addProcedures(host: Host, config: BrokerConfig, dispatcher: Dispatcher): void {
  const access = config.workerScope === false ? {} : { scopes: [config.workerScope] };
  host.procedure("$broker.offer", { ...access, description: OFFER }, async (call) => {
    const offer = readOffer(call.args.positional[0]);
    // Not every wire lets the side that listens call the other.
    await host.call(call.peer, "$ping", NO_ARGUMENTS);
    // All or nothing: a name without a worker would let its callers wait in vain.
    const offered = [...offer.procedures.values()];
    for (const procedure of offered) check(host, dispatcher, procedure);
    for (const procedure of offered) admit(host, dispatcher, procedure);
    dispatcher.join(call.peer, offer);
  });
  host.procedure("$broker.leave", { ...access, description: LEAVE }, ({ peer }) =>
    dispatcher.leave(peer),
  );
}

const OFFER = "Serves procedures: ({ concurrency, procedures: [{ name, public?, scopes?, … }] }).";
const LEAVE = "Takes no more calls; answers when those that the worker runs have ended.";

function check(host: Host, dispatcher: Dispatcher, offered: OfferedProcedure): void {
  const known = dispatcher.find(offered.name);
  if (known && !sameAccess(known.access, offered)) throw otherAccess(offered.name);
  if (!known && host.procedures().has(offered.name)) throw nameTaken(offered.name);
}

/** Makes the procedure callable, if it is not yet. */
function admit(host: Host, dispatcher: Dispatcher, offered: OfferedProcedure): void {
  const { name, scopes, description } = offered;
  if (dispatcher.find(name)) return;
  const service = dispatcher.service(offered);
  const options = {
    ...{ public: offered.public, scopes },
    ...(description !== undefined && { description }),
  };
  host.procedure(name, options, (call) => dispatcher.run(service, call));
}

function sameAccess(one: OfferedProcedure, other: OfferedProcedure): boolean {
  const sorted = ({ scopes }: OfferedProcedure) => JSON.stringify([...scopes].sort());
  return one.public === other.public && sorted(one) === sorted(other);
}

function handleOf(dispatcher: Dispatcher, { clock }: BrokerConfig): Broker {
  return {
    get workers() {
      return [...dispatcher.workers].map(({ peer, offer, open, leaving }) => ({
        ...{ peer, open, leaving, concurrency: offer.concurrency },
        procedures: [...offer.procedures.keys()],
      }));
    },
    get waiting() {
      return dispatcher.waiting;
    },
    get open() {
      return dispatcher.open;
    },
    async drain(timeoutMs = Infinity) {
      if (timeoutMs === Infinity) return dispatcher.drain();
      let cancel = () => {};
      const late = new Promise<void>((resolve) => {
        cancel = clock.after(timeoutMs, resolve);
      });
      await Promise.race([dispatcher.drain(), late]);
      cancel();
    },
  };
}
