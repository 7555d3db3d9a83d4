import type { Inbox } from "../../bytes/inbox.ts";
import type { DatagramSocket, Endpoint } from "../../core/contracts/datagram-socket.ts";
import type { Channel } from "../../core/contracts/transport.ts";
import { endpointText } from "../../core/engine/endpoint-text.ts";
import { kindOf } from "./datagram-kind.ts";
import { PUNCH } from "./greeting-datagrams.ts";
import { type GreetingKey, greetingKey } from "./greeting-key.ts";
import { Link } from "./link.ts";
import { linkChannel } from "./link-channel.ts";
import type { SrmudpSettings } from "./options.ts";

/** The links of one listening socket: who sends what belongs to whom. */
export class Arrivals {
  readonly #socket: DatagramSocket;
  readonly #settings: SrmudpSettings;
  readonly #channels: Inbox<Channel>;
  readonly #links = new Map<string, Link>();
  readonly #greeting = new Set<Link>();
  #key: { readonly pair: GreetingKey; readonly sinceMs: number } | undefined;
  #answers = { count: 0, sinceMs: 0 };
  #tries = { count: 0, sinceMs: 0 };
  #closing = false;

  constructor(socket: DatagramSocket, settings: SrmudpSettings, channels: Inbox<Channel>) {
    this.#socket = socket;
    this.#settings = settings;
    this.#channels = channels;
  }

  receive(bytes: Uint8Array, from: Endpoint): void {
    const link = this.#links.get(endpointText(from));
    const ended = link?.state.state === "closed";
    if (link !== undefined && !ended && link.receive(bytes, from)) return;
    const sorted = kindOf(bytes);
    if (sorted.kind === "packet") this.#findMoved(bytes, from, link);
    else if (sorted.kind !== "greeting" || (link !== undefined && !ended)) return;
    else if (sorted.greeting.stage === "punch") this.#answerPunch(from);
    else if (sorted.greeting.stage === "public-key") this.#arrived(from)?.receive(bytes, from);
    else if (ended) link?.receive(bytes, from);
  }

  /** Takes nobody any more; the socket closes with the last link. */
  async close(reason: Error): Promise<void> {
    this.#closing = true;
    await Promise.all([...this.#greeting].map((link) => link.close(reason)));
    if ([...this.#links.values()].every(({ state }) => state.state === "closed")) {
      await this.#socket.close();
    }
  }

  /**
   * No state before the peer has shown a key, and no answer longer than what was sent: whoever
   * gives a foreign address as his own gains nothing. The budget ends what two listeners, set on
   * each other by such a datagram, would say to each other for ever.
   */
  #answerPunch(from: Endpoint): void {
    if (this.#closing || !this.#within(this.#answers, ANSWERS_PER_SECOND)) return;
    this.#socket.send(PUNCH.slice(), from);
  }

  #arrived(from: Endpoint): Link | undefined {
    const waiting = this.#greeting.size + this.#channels.weight;
    if (this.#closing || waiting >= this.#settings.maxPending) return undefined;
    const { clock, connectTimeoutMs } = this.#settings;
    const link: Link = new Link(this.#settings, {
      socket: this.#socket,
      remote: from,
      reconnect: false,
      passive: true,
      key: this.#keyPair(),
      onState: ({ state }) => this.#onState(link, state),
      moved: (earlier, now) => this.#moved(link, earlier, now),
    });
    this.#links.set(endpointText(from), link);
    this.#greeting.add(link);
    clock.after(connectTimeoutMs, () => this.#greeting.has(link) && void link.close());
    return link;
  }

  #onState(link: Link, state: Link["state"]["state"]): void {
    this.#greeting.delete(link);
    if (state === "established") this.#channels.put(linkChannel(link));
    if (state !== "closed") return;
    // So long its peer may ask once more whether it has closed.
    this.#settings.clock.after(LINGER_MS, () => this.#forget(link));
    if (this.#closing) this.#settings.clock.after(LINGER_MS, () => void this.close(new Error()));
  }

  #forget(link: Link): void {
    const name = endpointText(link.remote);
    if (this.#links.get(name) === link) this.#links.delete(name);
  }

  #moved(link: Link, from: Endpoint, to: Endpoint): void {
    if (this.#links.get(endpointText(from)) === link) this.#links.delete(endpointText(from));
    this.#links.set(endpointText(to), link);
  }

  /** From where nobody is known a packet may be of a peer whose address has changed. */
  #findMoved(bytes: Uint8Array, from: Endpoint, known: Link | undefined): void {
    for (const link of this.#links.values()) {
      if (link === known || link.state.state !== "established") continue;
      if (!this.#within(this.#tries, TRIES_PER_SECOND)) return;
      if (link.receive(bytes, from)) return;
    }
  }

  /** Shared by those who come within some minutes: making one takes as long as a whole greeting. */
  #keyPair(): GreetingKey {
    const nowMs = this.#settings.clock.now();
    if (this.#key === undefined || nowMs - this.#key.sinceMs > KEY_LASTS_MS) {
      this.#key = { pair: greetingKey(this.#settings.secretKey), sinceMs: nowMs };
    }
    return this.#key.pair;
  }

  #within(budget: { count: number; sinceMs: number }, perSecond: number): boolean {
    const nowMs = this.#settings.clock.now();
    if (nowMs - budget.sinceMs >= 1_000) Object.assign(budget, { count: 0, sinceMs: nowMs });
    budget.count += 1;
    return budget.count <= perSecond;
  }
}

const LINGER_MS = 300;
const KEY_LASTS_MS = 300_000;
const ANSWERS_PER_SECOND = 1_000;
const TRIES_PER_SECOND = 500;
