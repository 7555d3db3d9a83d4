import { UNSENT } from "../../src/core/engine/outgoing-call.ts";
import { NO_ITEMS } from "../../src/core/engine/streams.ts";
import type { Call } from "../../src/core/model/call.ts";
import { SealwireError } from "../../src/core/model/errors.ts";
import { NO_ARGUMENTS } from "../../src/core/model/message.ts";
import type { Peer } from "../../src/core/model/peer.ts";
import { Dispatcher } from "../../src/features/broker/dispatcher.ts";
import { type Offer, readOffer } from "../../src/features/broker/offer.ts";
import { type BrokerOptions, brokerConfig } from "../../src/features/broker/options.ts";
import { type ManualClock, manualClock } from "../../src/testing/manual-clock.ts";

const OFFERED = [{ name: "once" }, { name: "again", idempotent: true }];

/** A call as it arrives, and how often it has settled and begun. */
export interface Tracked {
  readonly call: Call;
  readonly cancel: () => void;
  settled: number;
  begun: number;
  /** Of those, how often the worker heard nothing of it. */
  unsent: number;
  outcome: unknown;
}

/** A worker that does nothing by itself. */
export interface Fake {
  readonly peer: Peer & { ending: boolean };
  readonly runs: { readonly tracked: Tracked; finish(error?: SealwireError): void }[];
}

/** A dispatcher whose workers and whose time are in the hand of the test. */
export class BrokerWorld {
  readonly clock: ManualClock = manualClock();
  readonly dispatcher: Dispatcher;
  readonly workers: Fake[] = [];
  readonly calls: Tracked[] = [];
  readonly offer: Offer;
  #names = 0;

  constructor(options: BrokerOptions = {}, concurrency = 2) {
    const config = brokerConfig({ clock: this.clock, ...options });
    this.offer = readOffer({ concurrency, procedures: OFFERED });
    this.dispatcher = new Dispatcher(config, (peer, call) => this.#send(peer, call));
    for (const procedure of this.offer.procedures.values()) this.dispatcher.service(procedure);
  }

  join(): Fake {
    this.#names += 1;
    const peer = { id: `w${this.#names}`, remote: "", dialect: "", ending: false };
    const fake: Fake = { peer, runs: [] };
    this.workers.push(fake);
    this.dispatcher.join(peer, this.offer);
    return fake;
  }

  call(procedure: string): Tracked {
    const controller = new AbortController();
    const { signal } = controller;
    const peer = { id: "c", remote: "", dialect: "" };
    const call = { procedure, signal, peer, args: NO_ARGUMENTS, input: NO_ITEMS, meta: {} };
    const cancel = () => controller.abort(new SealwireError("CANCELLED", "by the test"));
    const tracked: Tracked = { call, cancel, settled: 0, begun: 0, unsent: 0, outcome: undefined };
    this.calls.push(tracked);
    const service = this.dispatcher.find(procedure);
    if (!service) throw new Error(`no service ${procedure}`);
    const settle = (outcome: unknown) => {
      tracked.settled += 1;
      tracked.outcome = outcome;
    };
    this.dispatcher.run(service, call).then(settle, settle);
    return tracked;
  }

  /** As a connection ends: what runs fails, then the end is told. */
  kill(fake: Fake, type?: string): void {
    fake.peer.ending = true;
    this.workers.splice(this.workers.indexOf(fake), 1);
    const error = new SealwireError("UNAVAILABLE", "gone", type === undefined ? {} : { type });
    for (const run of fake.runs.splice(0)) {
      if (type === UNSENT) run.tracked.unsent += 1;
      run.finish(error);
    }
    this.dispatcher.lost(fake.peer);
  }

  #send(peer: Peer, call: Call): Promise<unknown> {
    const fake = this.workers.find((each) => each.peer === peer);
    const tracked = this.calls.find((each) => each.call === call);
    if (!fake || !tracked) throw new SealwireError("UNAVAILABLE", "not connected");
    tracked.begun += 1;
    return new Promise((resolve, reject) => {
      const run = {
        tracked,
        finish: (error?: SealwireError) => (error ? reject(error) : resolve(peer.id)),
      };
      fake.runs.push(run);
      call.signal.addEventListener("abort", () => {
        const at = fake.runs.indexOf(run);
        if (at >= 0) fake.runs.splice(at, 1);
        reject(call.signal.reason);
      });
    });
  }
}
