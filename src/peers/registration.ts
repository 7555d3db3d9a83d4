import type { DatagramSocket } from "../core/contracts/datagram-socket.ts";
import { SealwireError } from "../core/model/errors.ts";
import { type Reach, reach } from "./reach.ts";
import type { ServiceAddress } from "./rendezvous-address.ts";
import { ID_BYTES } from "./service-datagram.ts";
import type { Forwarded } from "./service-link.ts";
import { ServiceLinks } from "./service-links.ts";
import type { PeerSurroundings } from "./surroundings.ts";

/** What a registration needs. */
export interface RegistrationParts {
  readonly surroundings: PeerSurroundings;
  readonly address: ServiceAddress;
  readonly topic: Uint8Array;
  readonly peer: Uint8Array;
  readonly onSignal: (signal: Forwarded) => void;
  /** The rendezvous does not answer; it is tried again. */
  readonly onTrouble: (error: SealwireError) => void;
}

/**
 * Below the shortest life of a mapping that is common; and so long a rendezvous that was started anew
 * knows nothing of us, if nothing else tells us of it.
 */
const RENEW_MS = 10_000;
const REGISTER_MS = 5_000;
/** However many sessions say that it has forgotten us. */
const MIN_RENEW_MS = 1_000;
const RETRY_MS = [250, 500, 1_000, 2_000, 5_000, 10_000];

/** Keeps a peer registered at the rendezvous, whatever happens to the way there. */
export class Registration {
  readonly #parts: RegistrationParts;
  readonly #ended = new AbortController();
  #socket: DatagramSocket | undefined;
  #reach: Reach | undefined;
  #cancel = () => {};
  #failures = 0;
  #renewedMs = Number.NEGATIVE_INFINITY;

  constructor(parts: RegistrationParts) {
    this.#parts = parts;
  }

  /** Registers for the first time. @throws `UNAVAILABLE` when the rendezvous does not answer */
  async open(): Promise<void> {
    await this.#register();
    this.#renewIn(RENEW_MS);
  }

  /** How the rendezvous is reached; `undefined` while it is not. */
  get kind(): Reach["kind"] | undefined {
    return this.#reach?.kind;
  }

  /** Registers anew at once: the rendezvous may have forgotten us. */
  renew(): void {
    const now = this.#parts.surroundings.clock.now();
    if (now - this.#renewedMs < MIN_RENEW_MS) return;
    this.#renewedMs = now;
    this.#renewIn(0);
  }

  /** Sends a signal to another peer. */
  tell(signal: "answer", to: Forwarded, sealed: Uint8Array): void {
    const { topic, peer: from } = this.#parts;
    const fields = { topic, from, to: to.from, session: to.session, sealed };
    this.#reach?.link.tell({ kind: "signal", signal, ...fields });
  }

  /** Takes the registration back. */
  async close(): Promise<void> {
    const { topic, peer } = this.#parts;
    this.#ended.abort(new SealwireError("CANCELLED", "this peer does not listen any more"));
    this.#cancel();
    this.#reach?.link.tell({ kind: "bye", topic, peer });
    await this.#drop();
  }

  async #register(): Promise<void> {
    const { topic, peer } = this.#parts;
    const session = new Uint8Array(ID_BYTES);
    this.#reach ??= await this.#connect();
    const asked = { kind: "register", topic, peer, listens: true, session } as const;
    await this.#reach.link.ask(asked, REGISTER_MS);
    this.#failures = 0;
  }

  async #connect(): Promise<Reach> {
    const { surroundings, address, onSignal } = this.#parts;
    const { network, clock } = surroundings;
    const { signal } = this.#ended;
    this.#socket ??= await bindAny(network);
    const links = new ServiceLinks(this.#socket, clock);
    const onEnd = () => this.#renewIn(0);
    return reach({ surroundings, address, links, onSignal, onEnd, signal });
  }

  #renewIn(ms: number): void {
    this.#cancel();
    if (this.#ended.signal.aborted) return;
    this.#cancel = this.#parts.surroundings.clock.after(ms, () => void this.#renew());
  }

  async #renew(): Promise<void> {
    try {
      await this.#register();
      this.#renewIn(RENEW_MS);
    } catch (thrown) {
      if (this.#ended.signal.aborted) return;
      this.#parts.onTrouble(SealwireError.from(thrown, "UNAVAILABLE"));
      await this.#drop();
      const pauseMs = RETRY_MS[Math.min(this.#failures++, RETRY_MS.length - 1)] ?? 0;
      this.#renewIn(pauseMs);
    }
  }

  async #drop(): Promise<void> {
    const [socket, reached] = [this.#socket, this.#reach];
    this.#socket = undefined;
    this.#reach = undefined;
    reached?.link.close();
    await Promise.all([reached?.close(), socket?.close()]);
  }
}

/** Both families where the machine has them. */
async function bindAny(network: PeerSurroundings["network"]): Promise<DatagramSocket> {
  try {
    return await network.bindDatagrams({ host: "::", port: 0 });
  } catch {
    return network.bindDatagrams({ host: "0.0.0.0", port: 0 });
  }
}
