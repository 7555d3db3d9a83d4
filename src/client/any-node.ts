import type { Clock } from "../core/contracts/clock.ts";
import type { Channel, Transport } from "../core/contracts/transport.ts";
import { invalidOption } from "../core/engine/check-options.ts";
import { SealwireError } from "../core/model/errors.ts";

/** A node that has not answered for so long is not waited for alone. */
const STAGGER_MS = 500;
/** Whoever comes again so soon did not get on well where it was. */
const RECENT_MS = 15_000;
/** Nodes that one client may try. */
const MAX_NODES = 100;

/**
 * A transport that reaches whichever node of a cluster answers: the one that was reached last, and
 * the others in turn when it does not answer, or does not serve.
 *
 * @throws `INVALID_ARGUMENT` for too many nodes, and for one of another scheme
 */
export function anyNode(transport: Transport, others: readonly URL[], clock: Clock): Transport {
  if (others.length >= MAX_NODES) {
    throw invalidOption("otherNodes", `${others.length} addresses`, `up to ${MAX_NODES - 1}`);
  }
  const last = { at: 0, ms: Number.NEGATIVE_INFINITY };
  return {
    scheme: transport.scheme,
    ...(transport.protects !== undefined && { protects: transport.protects }),
    listen: (address) => transport.listen(address),
    async connect(address, { signal }) {
      const all = [address, ...others];
      for (const { protocol } of all) if (protocol !== address.protocol) throw mixed(address);
      if (clock.now() - last.ms < RECENT_MS) last.at += 1;
      const order = all.map((_, n) => (last.at + n) % all.length);
      const race = new Race(transport, clock, signal);
      const reached = await race.run(order.flatMap((n) => all[n] ?? []));
      last.at = order[reached.at] ?? 0;
      last.ms = clock.now();
      return reached.channel;
    },
  };
}

interface Reached {
  readonly channel: Channel;
  readonly at: number;
}

/** Tries addresses one after the other, the next one beside those that are slow. */
class Race {
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #ended = new AbortController();
  readonly #signal: AbortSignal;
  #running = 0;
  #cancelNext = (): void => {};
  #resolve: (reached: Reached) => void = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor(transport: Transport, clock: Clock, signal: AbortSignal) {
    this.#transport = transport;
    this.#clock = clock;
    this.#signal = signal;
  }

  async run(addresses: readonly URL[]): Promise<Reached> {
    const abort = (): void => this.#ended.abort(this.#signal.reason);
    this.#signal.addEventListener("abort", abort, { once: true });
    if (this.#signal.aborted) abort();
    const reached = new Promise<Reached>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#try(addresses, 0);
    try {
      return await reached;
    } finally {
      this.#cancelNext();
      this.#signal.removeEventListener("abort", abort);
      this.#ended.abort(new SealwireError("CANCELLED", "another node was faster"));
    }
  }

  #try(addresses: readonly URL[], at: number): void {
    const address = addresses[at];
    if (!address) return;
    this.#running += 1;
    let moved = false;
    const next = (): void => {
      if (moved || this.#ended.signal.aborted) return;
      moved = true;
      this.#cancelNext();
      this.#try(addresses, at + 1);
    };
    this.#cancelNext = this.#clock.after(STAGGER_MS, next);
    this.#transport.connect(address, { signal: this.#ended.signal }).then(
      (channel) => this.#reached({ channel, at }),
      (thrown: unknown) => {
        this.#running -= 1;
        next();
        if (this.#running === 0) this.#reject(thrown);
      },
    );
  }

  #reached(reached: Reached): void {
    if (this.#ended.signal.aborted) return void reached.channel.close();
    this.#resolve(reached);
    // What else arrives in this very moment is closed.
    this.#ended.abort(new SealwireError("CANCELLED", "another node was faster"));
  }
}

function mixed({ protocol }: URL): SealwireError {
  return invalidOption("otherNodes", "another scheme", `addresses that begin with ${protocol}//`);
}
