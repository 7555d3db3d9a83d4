import { Gate } from "../../core/engine/gate.ts";
import { UNSENT } from "../../core/engine/outgoing-call.ts";
import { isStream, NO_ITEMS } from "../../core/engine/streams.ts";
import type { Call } from "../../core/model/call.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { Peer } from "../../core/model/peer.ts";
import {
  closing,
  tooManyProcedures,
  tooManyWaiting,
  tooManyWorkers,
  workerLost,
} from "./broker-errors.ts";
import { heldStream } from "./held-stream.ts";
import type { Offer, OfferedProcedure } from "./offer.ts";
import type { BrokerConfig } from "./options.ts";
import { type Job, Service } from "./service.ts";
import { WaitingLine } from "./waiting-line.ts";
import { WorkerLink } from "./worker-link.ts";

/** Sends a call to a worker. Throws at once when nothing was sent. */
export type Send = (worker: Peer, call: Call) => Promise<unknown>;

/**
 * Gives each call to the worker that has least to do, lets it wait for one, and settles it exactly
 * once whatever becomes of the workers.
 */
export class Dispatcher {
  readonly #config: BrokerConfig;
  readonly #send: Send;
  readonly #services = new Map<string, Service>();
  readonly #workers = new Map<string, WorkerLink>();
  readonly #line: WaitingLine;
  readonly #settled = new Gate();
  #order = 0;
  #open = 0;
  #closing = false;

  constructor(config: BrokerConfig, send: Send) {
    this.#config = config;
    this.#send = send;
    this.#line = new WaitingLine(config, (job, error) => this.#reject(job, error));
  }

  get workers(): Iterable<WorkerLink> {
    return this.#workers.values();
  }

  /** Calls that wait for a worker. */
  get waiting(): number {
    return this.#line.size;
  }

  /** Calls that have not settled. */
  get open(): number {
    return this.#open;
  }

  /** The service of this name, made if nobody has offered it before. @throws `RATE_LIMITED` */
  service(access: OfferedProcedure): Service {
    const known = this.#services.get(access.name);
    if (known) return known;
    if (this.#services.size >= this.#config.maxProcedures) throw tooManyProcedures(this.#config);
    const service = new Service(access);
    this.#services.set(access.name, service);
    return service;
  }

  find(name: string): Service | undefined {
    return this.#services.get(name);
  }

  /** A worker serves; what it offered before holds no more. @throws `RATE_LIMITED` */
  join(peer: Peer, offer: Offer): void {
    // It left while its offer was looked at; nobody would tell of it again.
    if (peer.ending) return;
    const known = this.#workers.get(peer.id);
    if (!known && this.#workers.size >= this.#config.maxWorkers) throw tooManyWorkers(this.#config);
    const worker = known ?? new WorkerLink(peer, offer);
    worker.offer = offer;
    worker.leaving = false;
    this.#workers.set(peer.id, worker);
    for (const [name, service] of this.#services) {
      if (offer.procedures.has(name)) service.workers.add(worker);
      else service.workers.delete(worker);
    }
    const { id, remote } = peer;
    const procedures = [...offer.procedures.keys()];
    this.#config.logger.info({ worker: id, remote, procedures }, "a worker serves");
    this.#feed(worker);
  }

  /** A worker takes no more calls. Resolves when those that it has have ended. */
  async leave(peer: Peer): Promise<void> {
    const { id } = peer;
    const worker = this.#workers.get(id);
    if (!worker) return;
    worker.leaving = true;
    this.#config.logger.info({ worker: id, open: worker.open }, "a worker leaves");
    await worker.idle();
    // It may have changed its mind and offered again.
    if (worker.leaving) this.lost(peer);
  }

  /** A peer is gone: was it a worker? The calls that it ran are told by their own failure. */
  lost({ id }: Peer): boolean {
    const worker = this.#workers.get(id);
    if (!worker) return false;
    this.#workers.delete(id);
    const { leaving, open } = worker;
    if (!leaving) this.#config.logger.warn({ worker: id, open }, "a worker is lost");
    for (const service of this.#services.values()) service.workers.delete(worker);
    return true;
  }

  /** Settles with what a worker answers. */
  run(service: Service, call: Call): Promise<unknown> {
    if (this.#closing) return Promise.reject(closing());
    return new Promise((resolve, reject) => {
      const order = ++this.#order;
      this.#open += 1;
      this.#place({ order, call, service, attempts: 0, resolve, reject, unwait() {} });
    });
  }

  /** From now on calls are refused. Resolves when all that are here have settled. */
  async drain(): Promise<void> {
    this.#closing = true;
    while (this.#open > 0) await this.#settled.wait();
  }

  /** Those who wait, wait no more. */
  close(): void {
    this.#closing = true;
    for (const service of this.#services.values()) {
      for (const job of service.waiting) {
        this.#line.take(job);
        this.#reject(job, closing());
      }
    }
  }

  #place(job: Job): void {
    const { service } = job;
    const worker = service.first ? undefined : service.leastLoaded();
    if (worker) this.#start(job, worker);
    else if (this.#line.size < this.#config.maxQueue) this.#line.add(job);
    else this.#reject(job, tooManyWaiting(this.#config));
  }

  #start(job: Job, worker: WorkerLink): void {
    worker.take();
    worker.lastGiven = ++this.#order;
    job.attempts += 1;
    let answer: Promise<unknown>;
    try {
      answer = this.#send(worker.peer, job.call);
    } catch (thrown) {
      // Nothing has left: the worker is gone, or its wire cannot say this.
      const error = SealwireError.from(thrown);
      if (error.code === "UNAVAILABLE") return this.#unsent(job, worker);
      this.#release(worker);
      return this.#reject(job, error);
    }
    answer.then(
      (value) => this.#answered(job, worker, value),
      (thrown: unknown) => this.#failed(job, worker, SealwireError.from(thrown)),
    );
  }

  #answered(job: Job, worker: WorkerLink, value: unknown): void {
    const ended = (): void => {
      this.#release(worker);
      this.#settle();
    };
    // A stream has ended with its last item, not with its first.
    if (isStream(value)) return job.resolve(heldStream(value, ended));
    ended();
    job.resolve(value);
  }

  #failed(job: Job, worker: WorkerLink, error: SealwireError): void {
    const { signal } = job.call;
    const lost = worker.peer.ending === true && error.code === "UNAVAILABLE";
    if (lost && !signal.aborted && error.type === UNSENT) return this.#unsent(job, worker);
    this.#release(worker);
    if (!lost || signal.aborted) this.#reject(job, error);
    else if (this.#mayRepeat(job, worker)) this.#again(job);
    else this.#reject(job, workerLost(job.call.procedure, job.attempts));
  }

  /** The worker has not even heard of it. */
  #unsent(job: Job, worker: WorkerLink): void {
    this.lost(worker.peer);
    this.#release(worker);
    this.#again(job);
    job.attempts -= 1;
  }

  /** Back to the front, if no other has a free place now. */
  #again(job: Job): void {
    const other = job.service.leastLoaded();
    if (other) this.#start(job, other);
    else this.#line.add(job);
  }

  #mayRepeat({ call, attempts }: Job, worker: WorkerLink): boolean {
    const procedure = worker.offer.procedures.get(call.procedure);
    const idempotent = procedure?.idempotent || call.meta["idempotent"] === "true";
    // Items that were streamed to one worker are gone.
    return idempotent && call.input === NO_ITEMS && attempts < this.#config.attempts;
  }

  #release(worker: WorkerLink): void {
    worker.release();
    this.#feed(worker);
  }

  /** Gives a worker what has waited longest of all that it serves. */
  #feed(worker: WorkerLink): void {
    while (worker.free && this.#workers.get(worker.peer.id) === worker) {
      const job = this.#oldestFor(worker);
      if (!job) return;
      this.#line.take(job);
      this.#start(job, worker);
    }
  }

  #oldestFor({ offer }: WorkerLink): Job | undefined {
    let oldest: Job | undefined;
    for (const name of offer.procedures.keys()) {
      const first = this.#services.get(name)?.first;
      if (first && (!oldest || first.order < oldest.order)) oldest = first;
    }
    return oldest;
  }

  #reject(job: Job, error: SealwireError): void {
    this.#settle();
    job.reject(error);
  }

  #settle(): void {
    this.#open -= 1;
    if (this.#open === 0) this.#settled.open();
  }
}
