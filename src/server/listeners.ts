import type { Layer } from "../core/contracts/layer.ts";
import type { Logger } from "../core/contracts/logger.ts";
import type { Channel, Listener, Transport } from "../core/contracts/transport.ts";
import { SealwireError } from "../core/model/errors.ts";
import { acceptLoop, type Speakers } from "./accept-loop.ts";
import { tellWeakness } from "./plaintext.ts";

/** One port on which a server listens. */
export interface Listening {
  /** Where it really listens: port 0 has become a port. */
  readonly address: URL;
  /** Takes nobody more; connections stay. */
  close(): Promise<void>;
}

/** Serves one channel that has come in; `host` is the name on which the port was opened. */
export type Take = (channel: Channel, speakers: Speakers, host: string) => Promise<void>;

/** The open ports of a server. */
export class Listeners {
  readonly #logger: Logger;
  readonly #take: Take;
  readonly #open = new Set<Listening>();
  readonly #layers = new Set<Layer>();
  #closed = false;

  constructor(logger: Logger, take: Take) {
    this.#logger = logger;
    this.#take = take;
  }

  /** Where it listens, in the order of opening. */
  get addresses(): readonly URL[] {
    return [...this.#open].map(({ address }) => address);
  }

  /** Opens a port and serves whoever comes. */
  async open(url: URL, transport: Transport, speakers: Speakers): Promise<Listening> {
    const listener = await transport.listen(url);
    if (this.#closed) {
      await listener.close();
      throw new SealwireError("UNAVAILABLE", "this server has been closed");
    }
    const listening = { address: listener.address, close: () => this.#stop(listening, listener) };
    this.#open.add(listening);
    for (const layer of speakers.layers) this.#layers.add(layer);
    const { href } = listener.address;
    this.#logger.info({ address: href }, "listening");
    for (const dialect of speakers.dialects) tellWeakness(this.#logger, dialect, href);
    void this.#serve(listener, speakers, url.hostname);
    return listening;
  }

  /** Closes all ports. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#open].map((listening) => listening.close()));
  }

  /** Cuts off those whom a layer serves, such as browsers that keep a connection for later. */
  closeLayers(): void {
    for (const layer of this.#layers) layer.close?.();
  }

  async #serve(listener: Listener, speakers: Speakers, host: string): Promise<void> {
    const take = (channel: Channel) => this.#take(channel, speakers, host);
    try {
      await acceptLoop(listener, take, (thrown, { remote }) => this.#refused(thrown, remote));
    } catch (err) {
      this.#logger.error({ err, address: listener.address.href }, "a listener failed");
    }
  }

  #refused(thrown: unknown, remote: string): void {
    const { code, message } = SealwireError.from(thrown);
    this.#logger.warn({ code, remote }, `a handshake failed: ${message}`);
  }

  async #stop(listening: Listening, listener: Listener): Promise<void> {
    this.#open.delete(listening);
    await listener.close();
  }
}
