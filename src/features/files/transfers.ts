import type { Clock } from "../../core/contracts/clock.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { Peer } from "../../core/model/peer.ts";
import { transferNotFound } from "./file-errors.ts";

/** Bounds of what may be open at once. */
export interface TransferLimits {
  /** Transfers of one peer; more are refused. */
  readonly maxTransfersPerPeer: number;
  /** Transfers of all peers together. */
  readonly maxTransfers: number;
  /** Between two steps of one transfer; then it is forgotten. */
  readonly transferTimeoutMs: number;
}

/** Transfers that are open, each of one peer. A peer knows those of others as little as none. */
export class Transfers<Transfer> {
  readonly #limits: TransferLimits;
  readonly #clock: Clock;
  readonly #forget: (transfer: Transfer) => void;
  readonly #open = new Map<string, Held<Transfer>>();
  /** Peers for whom one is being made, once for each. */
  readonly #making: Peer[] = [];
  #cancelSweep: (() => void) | undefined;

  /** `forget` is told of each transfer that ended without having been taken out. */
  constructor(limits: TransferLimits, clock: Clock, forget: (transfer: Transfer) => void) {
    this.#limits = limits;
    this.#clock = clock;
    this.#forget = forget;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Makes one under this id. @throws `RATE_LIMITED` when there are too many already */
  async open(id: string, peer: Peer, make: () => Promise<Transfer>): Promise<Transfer> {
    this.#checkRoom(peer);
    this.#making.push(peer);
    try {
      const transfer = await make();
      this.#open.set(id, { peer, transfer, untilMs: this.#nextEnd() });
      this.#sweepLater();
      return transfer;
    } finally {
      this.#making.splice(this.#making.indexOf(peer), 1);
    }
  }

  /** A step of a transfer: it has its time again. @throws `NOT_FOUND` */
  get(id: string, peer: Peer): Transfer {
    const held = this.#open.get(id);
    if (held?.peer.id !== peer.id) throw transferNotFound();
    held.untilMs = this.#nextEnd();
    return held.transfer;
  }

  /** The last step: it is the caller's now. @throws `NOT_FOUND` */
  take(id: string, peer: Peer): Transfer {
    const transfer = this.get(id, peer);
    this.end(id);
    return transfer;
  }

  /** Takes the first that fits from whatever peer has it; `still` are those that stand still. */
  takeWhere(
    fits: (transfer: Transfer, id: string, still: boolean) => boolean,
  ): Transfer | undefined {
    const now = this.#clock.now();
    for (const [id, { transfer, peer, untilMs }] of this.#open) {
      const idleMs = now - (untilMs - this.#limits.transferTimeoutMs);
      if (!fits(transfer, id, peer.away === true || idleMs >= STILL_MS)) continue;
      this.end(id);
      return transfer;
    }
    return undefined;
  }

  /** It is over. */
  end(id: string): void {
    this.#open.delete(id);
  }

  /** The peer has gone. */
  forgetPeer(peer: Peer): void {
    this.#forgetWhere((held) => held.peer.id === peer.id);
  }

  close(): void {
    this.#cancelSweep?.();
    this.#cancelSweep = undefined;
    this.#forgetWhere(() => true);
  }

  #checkRoom(peer: Peer): void {
    const { maxTransfers, maxTransfersPerPeer } = this.#limits;
    const peers = [...this.#making, ...Array.from(this.#open.values(), (held) => held.peer)];
    const own = peers.filter(({ id }) => id === peer.id).length;
    if (own < maxTransfersPerPeer && peers.length < maxTransfers) return;
    const message = "Too many transfers: finish one first, or wait until one has run out";
    throw new SealwireError("RATE_LIMITED", message);
  }

  #nextEnd(): number {
    return this.#clock.now() + this.#limits.transferTimeoutMs;
  }

  #sweepLater(): void {
    if (this.#cancelSweep || this.#open.size === 0) return;
    this.#cancelSweep = this.#clock.after(this.#limits.transferTimeoutMs, () => {
      this.#cancelSweep = undefined;
      const now = this.#clock.now();
      this.#forgetWhere((held) => held.untilMs <= now);
      this.#sweepLater();
    });
  }

  #forgetWhere(ends: (held: Held<Transfer>) => boolean): void {
    for (const [id, held] of this.#open) {
      if (!ends(held)) continue;
      this.#open.delete(id);
      this.#forget(held.transfer);
    }
  }
}

/** Who sends or asks does so more often than that, on all but the slowest paths. */
const STILL_MS = 1_000;

interface Held<Transfer> {
  readonly peer: Peer;
  readonly transfer: Transfer;
  untilMs: number;
}
